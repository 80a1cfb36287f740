"""Whether each feature's core is covered, every branch of it, by the tests of that core alone.

A core that only a journey walks through would look covered in the whole; here it does not.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

FEATURES: Final = Path("src/parley/features")
TESTS: Final = Path("tests/features")


def own_tests(feature: str) -> list[Path]:
    """The tests of a feature's core: `test_core.py`, or all in the folder `core`."""
    return [path for path in (TESTS / feature / "test_core.py", TESTS / feature / "core") if path.exists()]


def is_covered(feature: str) -> bool:
    """Run the tests of a core and print what of it they leave out."""
    whole, core = FEATURES / feature, f"{FEATURES}/{feature}/core.py,{FEATURES}/{feature}/core/*.py"
    with tempfile.TemporaryDirectory() as folder:
        coverage = [sys.executable, "-m", "coverage"]
        pytest = ["-m", "pytest", "--quiet", "--no-header", *map(str, own_tests(feature))]
        recording = {**os.environ, "COVERAGE_FILE": f"{folder}/data"}  # noqa: TID251 - a child needs its PATH
        subprocess.run([*coverage, "run", f"--source={whole}", *pytest], env=recording, check=True)
        report = subprocess.run(
            [*coverage, "report", f"--include={core}", "--fail-under=100"], env=recording, check=False
        )
        return report.returncode == 0


def main() -> int:
    """Print what is missing; how many cores miss something."""
    cores = sorted({path.parent.name for path in FEATURES.glob("*/core*") if path.stem == "core"})
    without_tests = [feature for feature in cores if not own_tests(feature)]
    for feature in without_tests:
        print(f"{feature}: its core has no tests of its own")
    lacking = [feature for feature in cores if feature not in without_tests and not is_covered(feature)]
    print(f"{len(cores)} cores; not wholly covered by their own tests: {', '.join(without_tests + lacking) or 'none'}")
    return len(without_tests + lacking)


if __name__ == "__main__":
    sys.exit(main() > 0)
