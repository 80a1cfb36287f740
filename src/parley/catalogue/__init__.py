"""The sample catalogue: characters of our own, as V3 cards with a drawn portrait beside each. Only `parley demo` adds
them.
"""

import dataclasses
from importlib.resources import files
from typing import Final

from parley.features.characters.core import Card, Picture, read_card

_NAMES: Final = (
    *("kira", "artyom", "ada", "rook", "mira", "elena", "pavel", "yuki"),
    *("nova", "ugolyok", "sofya", "rin", "liariel", "maya", "viktoria", "dante"),
)
"""In the order of a catalogue nobody has used yet."""


def sample_cards() -> list[Card]:
    """Every sample character with its portrait."""
    return [_card(name) for name in _NAMES]


def _card(name: str) -> Card:
    folder = files(__name__)
    # A picture inside a card may not be an SVG, since anybody can make a card; these come with the package.
    portrait = Picture("image/svg+xml", folder.joinpath(f"{name}.svg").read_bytes())
    return dataclasses.replace(read_card(folder.joinpath(f"{name}.json").read_bytes()), picture=portrait)
