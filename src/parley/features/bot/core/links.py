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
        host = parts.hostname or ""
    except ValueError:
        return False
    # Telegram refuses a whole message for an address without a dot, such as localhost.
    return parts.scheme in {"http", "https"} and "." in host.strip(".") and "@" not in parts.netloc
