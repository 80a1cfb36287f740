"""The machine under the benchmarks: its cores, its load, what processes take of it."""

import importlib.metadata
import os
import platform
import sqlite3
import sys
from pathlib import Path
from typing import Final

SERVER_CORE: Final = frozenset({0})
LOAD_CORE: Final = frozenset({1})
"""The load generator and the fake provider; a database server too, where there is one."""
QUIET: Final = 0.5
"""One-minute load average above which figures say more about the neighbours than about us."""
_PACKAGES: Final = (
    "parley",
    "litestar",
    "msgspec",
    "uvicorn",
    "uvloop",
    "httptools",
    "websockets",
    "asyncpg",
    "aiohttp",
)


def pin(cores: frozenset[int]) -> frozenset[int]:
    """Keep this process on these cores; on a machine that has fewer, nowhere in particular."""
    if not cores <= os.sched_getaffinity(0):
        return frozenset()
    os.sched_setaffinity(0, cores)
    return cores


def load() -> float:
    """The load average of the last minute."""
    return os.getloadavg()[0]


def versions() -> dict[str, str]:
    """What was measured."""
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"python": sys.version.split()[0], "sqlite": sqlite3.sqlite_version, "kernel": platform.release(), **found}


def resident_mb(pid: int) -> float:
    """RSS of a process in MB (10⁶ bytes)."""
    return _kib(Path(f"/proc/{pid}/status"), "VmRSS") * 1024 / 1e6


def proportional_kib(pid: int) -> int:
    """PSS of a process: its own memory and its share of what it shares."""
    return _kib(Path(f"/proc/{pid}/smaps_rollup"), "Pss")


def cpu_seconds(pid: int) -> float:
    """What a process has used of its cores since its start."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kib(path: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in path.read_text().splitlines() if line.startswith(f"{name}:"))
