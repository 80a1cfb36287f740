"""JSON as it goes over the wire."""

from typing import Any

import msgspec

Json = dict[str, Any]
"""An object of the Bot API or of the control interface."""

encode = msgspec.json.encode
decode = msgspec.json.decode

NotJson = msgspec.DecodeError

_MOST_DIGITS = 20
"""More than any id has; Python itself refuses to read thousands of them."""


def whole_number(text: str) -> int | None:
    """The number that some digits are; None for all else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def filled(**fields: object) -> Json:
    """An object without the fields that are absent, as Telegram sends it: None and False are left out."""
    return {name: value for name, value in fields.items() if value is not None and value is not False}
