"""Bodies read strictly, with what is wrong told in the developer's words."""

import re
from typing import Final, TypeVar

import msgspec

from parley.features.completions.core import Refused, invalid

Shape = TypeVar("Shape")

_AT: Final = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)
_MISSING: Final = re.compile(r"missing required field `(.*?)`", re.DOTALL)
_EXPECTED: Final = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_WORDS: Final = {"str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "null"}


def decoded(data: bytes, decoder: msgspec.json.Decoder[Shape]) -> Shape:
    """A JSON body as its shape. Raises Refused naming the member at fault."""
    try:
        if not data.isascii():
            data.decode()  # what is passed on as JSON is not looked into otherwise
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise at_fault(str(error)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise invalid(None, "The body is not JSON in UTF-8, or is nested too deeply.") from None


def at_fault(message: str) -> Refused:
    """What msgspec found, as a refusal."""
    found = _AT.search(message)
    where = found[1] if found else ""
    missing = _MISSING.search(message)
    if missing:
        name = f"{where}.{missing[1]}" if where else missing[1]
        return invalid(name, f"{name} is missing.")
    expected = _EXPECTED.search(message)
    if expected:
        return invalid(where or None, f"{where or 'The body'} must be {_kinds(expected[1])}.")
    return invalid(where or None, f"{where or 'The body'} is out of bounds.")


def _kinds(told: str) -> str:
    kinds = [kind for kind in told.split(" | ") if kind != "null"]
    return " or ".join(dict.fromkeys(_WORDS.get(kind, f"an {kind}") for kind in kinds))
