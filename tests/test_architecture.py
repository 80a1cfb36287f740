"""What holds for the code as a whole and no contract in pyproject.toml can say."""

import subprocess
import sys
from pathlib import Path

IMPORT_EVERYTHING = """
import importlib, pkgutil, threading
import parley
for module in pkgutil.walk_packages(parley.__path__, "parley."):
    importlib.import_module(module.name)
assert threading.active_count() == 1, threading.enumerate()
print("imported", end="")
"""


def test_importing_every_module_does_nothing_and_needs_nothing(tmp_path: Path) -> None:
    """No environment, an empty folder that cannot be written to; not a word of theirs, not a file, not a thread."""
    tmp_path.chmod(0o500)
    imported = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", IMPORT_EVERYTHING],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (imported.returncode, imported.stdout, imported.stderr) == (0, "imported", "")
    assert list(tmp_path.iterdir()) == []
