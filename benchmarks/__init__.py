"""Benchmarks: `python -m benchmarks` from the root of the repository; `python -m benchmarks.storm` for the storm."""

import sys
from pathlib import Path

# The processes under measurement are started by the same code as in the tests.
sys.path.append(str(Path(__file__).parent.parent / "tests"))
