"""By which door a path is entered: who must show what there, and in whose words errors are told."""

import re
from typing import Final

from parley.kernel.openapi import Door

MOST_BODY: Final[dict[Door, int]] = {"app": 64 * 1024, "service": 64 * 1024, "openai": 4 * 1024 * 1024}
"""Bytes."""
_OPENAI: Final = re.compile(r"/v1(/.*)?|/chat/completions|/embeddings|/models(/.*)?", re.DOTALL)


def door_of(path: str) -> Door | None:
    """The door; None where nobody needs to say who they are: pages, pictures, what operators ask."""
    if path.startswith("/api/") or path == "/api":
        return "app"
    if path.startswith("/users/"):
        return "service"
    return "openai" if _OPENAI.fullmatch(path) else None
