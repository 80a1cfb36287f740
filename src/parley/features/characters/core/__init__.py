"""Decisions about characters, without I/O. What other features may use is named here."""

from parley.features.characters.core.cards import Card
from parley.features.characters.core.carriers import read_card
from parley.features.characters.core.catalogue import (
    CataloguePage,
    Character,
    Entry,
    Filters,
    Listed,
    Sort,
    Tag,
    Viewer,
    Window,
)
from parley.features.characters.core.pictures import Picture
from parley.features.characters.core.rejection import CardRejected

__all__ = [
    "Card",
    "CardRejected",
    "CataloguePage",
    "Character",
    "Entry",
    "Filters",
    "Listed",
    "Picture",
    "Sort",
    "Tag",
    "Viewer",
    "Window",
    "read_card",
]
