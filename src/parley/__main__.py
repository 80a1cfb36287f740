"""`python -m parley`."""

import sys

from parley.cli import entry

if __name__ == "__main__":
    sys.exit(entry())
