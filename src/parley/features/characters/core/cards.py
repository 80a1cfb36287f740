"""A character card's JSON, of any version and with the dirt that real cards have, as one value.

Specifications: V1 and V2 (malfoyslastname/character-card-spec-v2), V3 (kwaroran/character-card-spec-v3). Parley's own
fields live under `data.extensions.parley` (contract §1).
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from parley.features.characters.core.catalogue import GENRES, AccessType, ContentRating, Genre, folded
from parley.features.characters.core.macros import named, plain_macros
from parley.features.characters.core.persona import PersonaTexts, system_prompt
from parley.features.characters.core.pictures import Picture
from parley.features.characters.core.rejection import CardRejected
from parley.kernel.text import one_line

MAX_JSON_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_NAME: Final = 64
MAX_DESCRIPTION: Final = 2000
MAX_SUMMARY: Final = 400
"""Of a description Parley takes from a card that has none meant for a catalogue."""
MAX_GREETING: Final = 10_000
MAX_TEXT: Final = 100_000
"""Characters of one field that are looked at; past the bound of a prompt, so that nothing is cut unseen."""
MAX_TAGS: Final = 32
MAX_TAG: Final = 32
MAX_TAGS_READ: Final = 1000

Json = Mapping[str, object]

_OLD_NAMES: Final = {
    "name": "char_name",
    "description": "char_persona",
    "first_mes": "char_greeting",
    "scenario": "world_scenario",
    "mes_example": "example_dialogue",
}
_TELLING: Final = ("description", "personality", "scenario", "first_mes", "mes_example", "system_prompt")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_MARKUP: Final = re.compile(r"<[^<>]*>")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Card:
    """A character as its card tells it."""

    name: str
    creator: str
    description_long: str
    greeting: str
    """With `{{user}}` still in it."""
    system_prompt: str
    """With `{{user}}` still in it."""
    tags: tuple[str, ...]
    access_type: AccessType
    genre: Genre | None
    content_rating: ContentRating
    language: str | None
    is_active: bool
    original: str
    """The JSON as it came, so that an export loses nothing."""
    picture: Picture | None = None
    warnings: tuple[str, ...] = ()
    """What of the file is not kept, for the operator."""

    @property
    def key(self) -> str:
        """The same name by the same creator is the same character."""
        return f"{folded(self.name)}\n{folded(self.creator)}"


def parse_card(text: bytes, fallback_name: str = "") -> tuple[Card, Json]:
    """The card of a JSON text, and its data for those who look for assets.

    ``fallback_name`` serves a card without a name. Raises CardRejected.
    """
    original = _decoded(text)
    root = _object(original)
    data = _data_of(root)
    return _card(root, data, original, fallback_name), data


def _decoded(text: bytes) -> str:
    if len(text) > MAX_JSON_BYTES:
        raise CardRejected(f"the card has {len(text):,} bytes of JSON, at most {MAX_JSON_BYTES:,} are taken")
    if text.startswith(b"rcc||"):
        raise CardRejected("the card is encrypted by RisuAI; export it there without encryption")
    try:
        original = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CardRejected("the card is not UTF-8 text") from error
    if "\x00" in original:
        raise CardRejected("the card has a NUL character in it")
    return original


def _object(original: str) -> Json:
    try:
        root = json.loads(original, strict=False)
    except (ValueError, RecursionError) as error:
        raise CardRejected("the card is not valid JSON") from error
    if not isinstance(root, dict):
        raise CardRejected("the card's JSON is not an object")
    _check_depth(root)
    return root


def _check_depth(root: Json) -> None:
    level: list[object] = [root]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise CardRejected(f"the card's JSON is nested deeper than {MAX_DEPTH} levels")


def _children(node: object) -> list[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _data_of(root: Json) -> Json:
    """V2 and V3 keep everything under `data`; a flat copy beside it may be stale, so `data` wins."""
    data = root.get("data")
    fields: Json = data if isinstance(data, dict) else root
    if "lorebook" in str(root.get("spec", "")):
        raise CardRejected("the file is a lorebook, not a character card")
    if not any(_text(fields, key) for key in _TELLING):
        raise CardRejected("the file is not a character card: nothing in it describes a character")
    return fields


def _card(root: Json, data: Json, original: str, fallback_name: str) -> Card:
    own = _Own(data)
    name = _name(root, data, fallback_name)
    tags = _tags(data.get("tags"))
    language = own.language()
    return Card(
        name=name,
        creator=one_line(_text(data, "creator"), 200),
        description_long=own.description() or _summary(data, name),
        greeting=named(plain_macros(_text(data, "first_mes")), _called(data, name)).strip()[:MAX_GREETING],
        system_prompt=system_prompt(_persona(data), _called(data, name), language),
        tags=tags,
        access_type=own.access_type(),
        genre=own.genre(tags),
        content_rating=own.content_rating(tags),
        language=language,
        is_active=own.is_active(),
        original=original,
    )


def _name(root: Json, data: Json, fallback: str) -> str:
    candidates = (_text(data, "name"), _text(root, "name"), _text(data, "nickname"), _UNSTORABLE.sub("", fallback))
    name = next((line for text in candidates if (line := one_line(text, MAX_NAME + 1))), "")
    if not name:
        raise CardRejected("the card has no name")
    if len(name) > MAX_NAME:
        raise CardRejected(f"the name is longer than {MAX_NAME} characters")
    return name


def _called(data: Json, name: str) -> str:
    """What `{{char}}` stands for: the nickname where there is one (card specification V3)."""
    return one_line(_text(data, "nickname"), MAX_NAME) or name


def _persona(data: Json) -> PersonaTexts:
    return PersonaTexts(
        system_prompt=_text(data, "system_prompt"),
        description=_text(data, "description"),
        personality=_text(data, "personality"),
        scenario=_text(data, "scenario"),
        examples=_text(data, "mes_example"),
        post_history_instructions=_text(data, "post_history_instructions"),
    )


def _text(fields: Json, key: str) -> str:
    """The field as text both engines can store; numbers and lists of texts happen in real cards."""
    value = fields.get(key)
    if value is None and key in _OLD_NAMES:
        value = fields.get(_OLD_NAMES[key])
    if isinstance(value, list):
        value = "\n".join(item for item in value if isinstance(item, str))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return _UNSTORABLE.sub("", str(value)[:MAX_TEXT])


def _tags(value: object) -> tuple[str, ...]:
    """A list or a comma-separated string; folded, since tags are compared and a query parts them at commas."""
    texts = value if isinstance(value, list) else [value]
    parts = (part for text in texts[:MAX_TAGS_READ] if isinstance(text, str) for part in text[:MAX_TEXT].split(","))
    names = (folded(one_line(_UNSTORABLE.sub("", part), MAX_TAG + 1)) for part in parts)
    return tuple(dict.fromkeys(name for name in names if 1 <= len(name) <= MAX_TAG))[:MAX_TAGS]


def _summary(data: Json, name: str) -> str:
    """A few sentences for the catalogue from a card that was not made for one."""
    source = _text(data, "creator_notes").strip() or _text(data, "description").strip()
    words = html.unescape(_MARKUP.sub(" ", named(plain_macros(source), name, "…")))
    line = one_line(words, MAX_TEXT)
    if len(line) <= MAX_SUMMARY:
        return line
    return line[: MAX_SUMMARY - 1].rsplit(" ", 1)[0].rstrip(" ,;:—-") + "…"


class _Own:
    """The fields under `data.extensions.parley`. What they say is checked; what they leave out has a default."""

    def __init__(self, data: Json) -> None:
        extensions = data.get("extensions")
        own = extensions.get("parley") if isinstance(extensions, dict) else None
        if own is not None and not isinstance(own, dict):
            raise CardRejected("data.extensions.parley is not an object")
        self._fields: Json = own or {}

    def description(self) -> str:
        value = self._fields.get("description_long")
        if value is None:
            return ""
        if not isinstance(value, str) or len(value.strip()) > MAX_DESCRIPTION:
            raise CardRejected(
                f"data.extensions.parley.description_long is not a text of up to {MAX_DESCRIPTION:,} characters"
            )
        return _UNSTORABLE.sub("", value.strip())

    def access_type(self) -> AccessType:
        value = self._one_of("access_type", get_args(AccessType))
        return "premium" if value == "premium" else "free"

    def genre(self, tags: tuple[str, ...]) -> Genre | None:
        if "genre" not in self._fields:
            return next((genre for tag in tags for genre in GENRES if tag == genre), None)
        value = self._one_of("genre", GENRES)
        return next((genre for genre in GENRES if genre == value), None)

    def content_rating(self, tags: tuple[str, ...]) -> ContentRating:
        value = self._one_of("content_rating", get_args(ContentRating))
        if value is None:
            return "nsfw" if "nsfw" in tags else "sfw"
        return "nsfw" if value == "nsfw" else "sfw"

    def language(self) -> str | None:
        value = self._fields.get("language")
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > 35 or _LANGUAGE.fullmatch(value) is None:
            raise CardRejected(f"data.extensions.parley.language is no language tag: {_shown(value)}")
        return value

    def is_active(self) -> bool:
        value = self._fields.get("is_active", True)
        if not isinstance(value, bool):
            raise CardRejected(f"data.extensions.parley.is_active is neither true nor false: {_shown(value)}")
        return value

    def _one_of(self, key: str, allowed: tuple[str, ...]) -> str | None:
        value = self._fields.get(key)
        if value is not None and value not in allowed:
            raise CardRejected(f"data.extensions.parley.{key} is {_shown(value)}, not one of {', '.join(allowed)}")
        return value if isinstance(value, str) else None


def _shown(value: object) -> str:
    return one_line(ascii(value), 60)
