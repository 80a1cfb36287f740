"""The ``entities`` parameter: MessageEntity objects that a bot sends beside plain text."""

from typing import Any, Final

from parley_simulator.entities import links
from parley_simulator.entities.spans import Span, units
from parley_simulator.refusal import Refused, bad_request

_PLAIN: Final = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "blockquote", "expandable_blockquote",
}  # fmt: skip
_FOUND_ANYWAY: Final = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number",
}  # fmt: skip
_FARTHEST: Final = 1_000_000


def spans(text: str, entities: list[Any]) -> list[Span]:
    """The entities as spans of ``text``. Kinds that Telegram finds by itself are left to it. Raises Refused."""
    places = _Places(text)
    given: list[Span] = []
    for entity in entities:
        kind, offset, length, detail = _fields(entity)
        if kind in _FOUND_ANYWAY:
            continue
        _check_bounds(offset, length)
        if length:
            start, end = places.of(offset, length)
            given.append(Span(kind, start, end, detail))
    return given


def _fields(entity: object) -> tuple[str, int, int, dict[str, Any]]:
    if not isinstance(entity, dict):
        raise _wrong("expected an Object")
    offset, length = _number(entity, "offset"), _number(entity, "length")
    kind = entity.get("type")
    if not isinstance(kind, str):
        raise _wrong('Can\'t find field "type"')
    if kind in _PLAIN or kind in _FOUND_ANYWAY:
        return kind, offset, length, {}
    kind, detail = _detailed(kind, entity)
    return kind, offset, length, detail


def _detailed(kind: str, entity: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    match kind:
        case "pre":
            language = entity.get("language")
            return kind, {"language": language} if isinstance(language, str) and language else {}
        case "text_link":
            return _linked(entity.get("url"))
        case "text_mention":
            user = entity.get("user")
            if not isinstance(user, dict):
                raise _wrong('Can\'t find field "user"')
            return kind, links.mentioned(_number(user, "id"))
        case "custom_emoji":
            number = links.emoji_number(str(entity.get("custom_emoji_id", "")))
            if number is None:
                raise bad_request("invalid custom emoji identifier specified")
            return kind, {"custom_emoji_id": str(number)}
        case "date_time":
            return kind, _time(entity)
        case _:
            raise _wrong("Unsupported type specified")


def _linked(url: object) -> tuple[str, dict[str, Any]]:
    if not isinstance(url, str):
        raise _wrong('Can\'t find field "url"')
    if (user := links.user_of(url)) is not None:
        return "text_mention", links.mentioned(user)
    try:
        return "text_link", {"url": links.checked(url)}
    except ValueError as wrong:
        raise bad_request(f"entity URL '{url}' is invalid: {wrong}") from None


def _time(entity: dict[str, Any]) -> dict[str, Any]:
    moment, shape = _number(entity, "unix_time"), entity.get("date_time_format") or ""
    if moment <= 0:
        raise bad_request("invalid date specified")
    try:
        return links.time_fields(moment, str(shape))
    except ValueError as wrong:
        raise _wrong(str(wrong)) from None


def _number(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if value is None:
        raise _wrong(f'Can\'t find field "{name}"')
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _wrong(f'Field "{name}" must be of type Number')
    try:
        return int(value)
    except ValueError:
        raise _wrong(f'Field "{name}" must be a valid Number') from None


def _check_bounds(offset: int, length: int) -> None:
    if not 0 <= offset <= _FARTHEST:
        raise bad_request(f"receive an entity with incorrect offset {offset}")
    if not 0 <= length <= _FARTHEST:
        raise bad_request(f"receive an entity with incorrect length {length}")


def _wrong(reason: str) -> Refused:
    return bad_request(f"can't parse MessageEntity: {reason}")


class _Places:
    """Where each UTF-16 unit of the text begins, in characters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._character: dict[int, int] = {}
        place = 0
        for number, character in enumerate(text):
            self._character[place] = number
            place += units(character)
        self._end = place
        self._character[place] = len(text)

    def of(self, offset: int, length: int) -> tuple[int, int]:
        """The first character and the one behind the last. Raises Refused."""
        if offset >= self._end:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
        if offset not in self._character:
            raise bad_request(f"entity begins in a middle of a UTF-16 symbol at byte offset {self._byte_after(offset)}")
        end = offset + length
        if end > self._end:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {end}"
            )
        if end not in self._character:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol "
                f"at byte offset {self._byte_after(end)}"
            )
        return self._character[offset], self._character[end]

    def _byte_after(self, unit: int) -> int:
        return len(self._text[: self._character[unit + 1]].encode())
