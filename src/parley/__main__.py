"""`python -m parley`."""

import sys

from parley.cli import entry

sys.exit(entry())
