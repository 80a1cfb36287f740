"""Whether each feature's core is covered, every branch of it, by the tests of that core alone.

Reads what `make coverage` recorded: each line with the test that ran it. A core that only a journey walks through
would look covered in the whole; here it does not.
"""

import io
import re
import sys
from pathlib import Path
from typing import Final

from coverage import Coverage
from coverage.exceptions import NoDataError

FEATURES: Final = Path("src/parley/features")
AT_IMPORT: Final = "^$"


def own_tests(feature: str) -> str:
    """The tests of a feature's core, as a pattern on recorded names: `test_core.py`, or all in the folder `core/`."""
    return rf"(^|\.)features\.{re.escape(feature)}\.(test_core\b|core\.test_)"


def coverage_of(feature: Path) -> tuple[float, str]:
    """Percent of the core covered by its own tests, and the table that tells what is missing."""
    recorded = Coverage()
    recorded.load()
    table = io.StringIO()
    try:
        percent = recorded.report(
            include=[f"{feature}/core.py", f"{feature}/core/*.py"],
            contexts=[AT_IMPORT, own_tests(feature.name)],
            show_missing=True,
            skip_covered=True,
            file=table,
        )
    except NoDataError:
        return 0.0, "no data: run make coverage\n"
    return percent, table.getvalue()


def main() -> int:
    """Print what is missing; how many cores miss something."""
    missing = 0
    for feature in sorted(
        path for path in FEATURES.iterdir() if (path / "core").exists() or (path / "core.py").exists()
    ):
        percent, table = coverage_of(feature)
        if percent < 100:
            missing += 1
            print(f"{feature.name}: {percent:.1f} % of its core by its own tests\n{table}")
    return missing


if __name__ == "__main__":
    sys.exit(main() > 0)
