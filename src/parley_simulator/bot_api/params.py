"""The parameters of a call, read as leniently as Telegram reads them: numbers and booleans may be strings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from parley_simulator.refusal import bad_request
from parley_simulator.wire import NotJson, decode, encode

_LEADING_INTEGER = re.compile(r"\s*[+-]?\d{1,19}")
_TRUE = frozenset({"true", "yes", "1"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent with a call."""

    name: str
    mime_type: str
    data: bytes


class Params:
    """What was sent, by name."""

    def __init__(self, values: Mapping[str, object], uploads: Mapping[str, Upload] | None = None) -> None:
        self.values = values
        self.uploads = uploads or {}

    def has(self, name: str) -> bool:
        """Whether it was sent and is not empty."""
        return bool(self.text(name))

    def text(self, name: str) -> str:
        """A string; "" if absent."""
        match self.values.get(name):
            case None:
                return ""
            case str(value):
                return value
            case bool(value):
                return "true" if value else "false"
            case value:
                return encode(value).decode()

    def required(self, name: str) -> str:
        """A string that must be there. Raises Refused."""
        if not (value := self.text(name)):
            raise bad_request(f'parameter "{name}" is required')
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number; what does not begin with one is the default."""
        found = _LEADING_INTEGER.match(self.text(name))
        return int(found[0]) if found else default

    def within(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number moved into its bounds."""
        return min(max(self.integer(name, default), low), high)

    def flag(self, name: str) -> bool:
        """A boolean; absent is False."""
        return self.text(name).strip().lower() in _TRUE

    def json(self, name: str, what: str | None = None) -> object:
        """An object or array, sent as such or as its JSON text; None if absent. ``what`` names it in the refusal."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            decoded: object = decode(value)
        except (NotJson, UnicodeDecodeError, RecursionError) as error:
            raise bad_request(f"can't parse {what or name.replace('_', ' ')} JSON object") from error
        return decoded

    def upload(self, name: str) -> Upload | None:
        """The file under this name, or the one that the value points to with attach://."""
        value = self.text(name)
        if value.startswith("attach://"):
            return self.uploads.get(value.removeprefix("attach://"))
        return self.uploads.get(name)
