"""Says in one line what is wrong with the Python that is about to make .venv. Must itself run on an older one."""

import sys
from importlib.util import find_spec


def complaint() -> str:
    """What is wrong with this Python; empty if nothing is."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the older Python is the very thing to find
        mine = ".".join(map(str, sys.version_info[:2]))
        return f"Parley needs Python 3.11 or newer, and this is {mine}. Name another one: make setup PYTHON=python3.12"
    if find_spec("ensurepip") is None:
        return "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"
    return ""


if __name__ == "__main__":
    sys.exit(complaint() or 0)
