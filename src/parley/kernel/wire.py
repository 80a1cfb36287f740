"""How ids and times look outside (contract §2 Form)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import msgspec

from parley.kernel.errors import AppError, InvalidInput
from parley.kernel.ids import MAX_ID

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_POSITIVE: Final = re.compile(r"[1-9][0-9]{0,18}")


def path_id(text: str, missing: AppError) -> int:
    """The positive 63-bit integer of a path; raises ``missing`` for anything else (contract §2: 404)."""
    if _POSITIVE.fullmatch(text) is None or (number := int(text)) > MAX_ID:
        raise missing
    return number


def millis(moment: datetime) -> int:
    """Milliseconds since 1970, as the database keeps time. Exact: no float is in between."""
    return (moment - _EPOCH) // _MILLISECOND


def moment_of(at: int) -> datetime:
    """The moment of so many milliseconds since 1970."""
    return _EPOCH + at * _MILLISECOND


def timestamp(moment: datetime) -> str:
    """``YYYY-MM-DDTHH:MM:SSZ``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def timestamp_of(at: int) -> str:
    """``YYYY-MM-DDTHH:MM:SSZ`` of so many milliseconds since 1970."""
    return timestamp(moment_of(at))


# --- bodies ----------------------------------------------------------------------------------------

Shape = TypeVar("Shape")


class NoBody(msgspec.Struct, forbid_unknown_fields=True):
    """A POST that needs no body; an empty object is the same."""


def decode(body: bytes | str, shape: type[Shape]) -> Shape:
    """A JSON body as its shape, without any coercion; raises InvalidInput naming the top-level member at fault."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise InvalidInput(_field_at_fault(str(error))) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InvalidInput from None


def decode_optional(body: bytes, shape: type[Shape]) -> Shape:
    """The same where no body at all means an empty object."""
    return decode(body or b"{}", shape)


def _field_at_fault(message: str) -> str | None:
    """The member, from msgspec's message. A path wins: an unknown member deep inside belongs to its parent."""
    at_path = re.search(r"at `\$\.([^`.\[]+)", message)
    named = re.search(r"(?:unknown|required) field `(.*?)`(?: - at `\$|$)", message, re.DOTALL)
    found = at_path or named
    return None if found is None else found.group(1)


def query_whole(query: Mapping[str, str], name: str, least: int, most: int | None, default: int) -> int:
    """A whole number of the query string; raises InvalidInput naming it if it is malformed or out of bounds."""
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise InvalidInput(name)
    number = int(text)
    if not least <= number <= (MAX_ID if most is None else most):
        raise InvalidInput(name)
    return number
