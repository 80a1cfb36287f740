"""The `{{…}}` marks in a card's texts (card specifications V1 to V3), brought to two: `{{char}}` and `{{user}}`.

Marks that need a die are settled once, by their first choice: a prompt that changes with every call cannot be cached.
"""

import re
from typing import Final

CHARACTER: Final = "{{char}}"
PERSON: Final = "{{user}}"

_COMMENT: Final = re.compile(r"\{\{(?://|comment:|hidden_key:)[^{}]*\}\}", re.IGNORECASE)
_CHOICE: Final = re.compile(r"\{\{(?:random|pick):([^{}]*)\}\}", re.IGNORECASE)
_REVERSE: Final = re.compile(r"\{\{reverse:([^{}]*)\}\}", re.IGNORECASE)
_CHARACTER: Final = re.compile(r"\{\{\s*char\s*\}\}|<bot>", re.IGNORECASE)
_PERSON: Final = re.compile(r"\{\{\s*user\s*\}\}|<user>", re.IGNORECASE)
_ORIGINAL: Final = re.compile(r"\{\{\s*original\s*\}\}", re.IGNORECASE)
_ESCAPED_COMMA: Final = "\\,"
_STAND_IN: Final = "\ue000"


def plain_macros(text: str) -> str:
    """The text with every mark settled but `{{char}}`, `{{user}}` and `{{original}}`."""
    text = _COMMENT.sub("", text)
    text = _CHOICE.sub(lambda mark: _first_choice(mark[1]), text)
    text = _REVERSE.sub(lambda mark: mark[1].strip()[::-1], text)
    return _PERSON.sub(PERSON, _CHARACTER.sub(CHARACTER, text))


def with_original(text: str, original: str) -> str:
    """The card's own prompt, with ours where it asks for it (card specification V2)."""
    return _ORIGINAL.sub(lambda _: original, text)


def named(text: str, character: str, person: str | None = None) -> str:
    """The text with the character's name, and the person's where one is given."""
    text = text.replace(CHARACTER, character)
    return text if person is None else text.replace(PERSON, person)


def _first_choice(choices: str) -> str:
    """Choices part at commas (V3) or at `::` (in use); `\\,` is a comma of the text."""
    choices = choices.strip().removeprefix(":")
    first = choices.replace(_ESCAPED_COMMA, _STAND_IN).replace("::", ",").split(",")[0]
    return first.replace(_STAND_IN, ",").strip()
