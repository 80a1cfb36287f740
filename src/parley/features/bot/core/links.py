"""Which addresses a model may give."""

from typing import Final
from urllib.parse import urlsplit

_LONGEST: Final = 2048


def is_web(address: str) -> bool:
    """Whether an address leads into the web, and to the place it seems to."""
    if len(address) > _LONGEST or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
