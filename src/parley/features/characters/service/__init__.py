"""Use cases of characters: the catalogue people see, the cards operators handle."""

from parley.features.characters.service.cards import Cards, PutCard
from parley.features.characters.service.catalogue import Characters
from parley.features.characters.service.version import CatalogueVersion

__all__ = ["Cards", "CatalogueVersion", "Characters", "PutCard"]
