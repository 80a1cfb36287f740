"""`python -m benchmarks [--quick] [--only NAME]… [--force]`: measure, hold against the targets, show."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC
from pathlib import Path

from rich.console import Console

from benchmarks import (
    bot,
    catalogue,
    completions,
    embedded,
    history,
    inbox,
    machine,
    rest,
    sockets,
    streams,
    throughput,
    turns,
)
from benchmarks.figures import Figure, table_of
from benchmarks.scale import Scale
from parley.adapters.clock import SystemClock

BENCHMARKS: Mapping[str, Callable[[Scale], Iterator[Figure]]] = {
    "rest": rest.run,
    "history": history.run,
    "turns": turns.run,
    "throughput": throughput.run,
    "catalogue": catalogue.run,
    "sockets": sockets.run,
    "completions": completions.run,
    "streams": streams.run,
    "inbox": inbox.run,
    "bot": bot.run,
    "embedded": embedded.run,
    "soak": throughput.soak,
}
_ON_DEMAND = frozenset({"soak"})
_RESULTS = Path(__file__).parent / "results"

out = Console(highlight=False, width=None if sys.stdout.isatty() else 220)


def main() -> int:
    """The program; 1 if a target was missed."""
    asked = _asked()
    load = machine.load()
    out.print(f"load {load:.2f}")
    if load > machine.QUIET:
        out.print(f"The machine is busy (load over {machine.QUIET}): figures are worth little.")
        if not asked.force:
            out.print("Wait until it is quiet, or say --force.")
            return 2
    machine.pin(machine.LOAD_CORE)
    scale = Scale(asked.quick)
    figures: list[Figure] = []
    for name in asked.only or [name for name in BENCHMARKS if name not in _ON_DEMAND]:
        out.print(f"{name} …")
        figures += BENCHMARKS[name](scale)
    out.print(table_of(figures))
    out.print(f"raw: {_kept(figures, load, scale)}")
    return 0 if all(figure.is_met for figure in figures) else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples: orders of magnitude")
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="may be given several times")
    parser.add_argument("--force", action="store_true", help="measure although the machine is busy")
    return parser.parse_args()


def _kept(figures: list[Figure], load: float, scale: Scale) -> Path:
    """Write everything as JSON, beside what was measured and when."""
    _RESULTS.mkdir(exist_ok=True)
    now = SystemClock().now().astimezone(UTC)
    path = _RESULTS / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    told = {
        "measured_at": now.isoformat(),
        "is_quick": scale.is_quick,
        "load_before": load,
        "load_after": machine.load(),
        "versions": machine.versions(),
        "figures": [{**asdict(figure), "is_met": figure.is_met} for figure in figures],
    }
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
