"""`python -m benchmarks.peers [--quick] [--only NAME]… [--force]`: Parley beside LiteLLM and Portkey."""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import machine
from benchmarks.figures import Figure, table_of
from benchmarks.peers.comparison import rows_of, targets, told
from benchmarks.peers.gateways import Gateway, NotStarted, started
from benchmarks.peers.recipes import RECIPES, NotInstalled
from benchmarks.peers.rounds import Record, measured
from benchmarks.peers.upstream import Pace, upstream
from benchmarks.scale import Scale
from parley.adapters.clock import SystemClock

_PACE: Final = Pace(tokens=10, rate=200.0)
_RESULTS: Final = Path(__file__).parent.parent / "results"

out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def main() -> int:
    """The program; 1 if a target was missed, 2 if nothing was measured."""
    asked = _asked()
    load = machine.load()
    out.print(f"load {load:.2f}")
    if load > machine.QUIET and not asked.force:
        out.print(f"The machine is busy (load over {machine.QUIET}). Wait until it is quiet, or say --force.")
        return 2
    try:
        gateways, records = _side_by_side(asked.only or list(RECIPES), Scale(asked.quick))
    except (NotInstalled, NotStarted) as missing:
        out.print(str(missing), markup=False)
        return 2
    figures = targets(records)
    _show(gateways, records, figures)
    out.print(f"raw: {_kept(gateways, records, load, is_quick=asked.quick)}")
    return 0 if all(figure.is_met for figure in figures) else 1


def _show(gateways: Sequence[Gateway], records: Mapping[str, Record], figures: Sequence[Figure]) -> None:
    out.print(told(gateways, rows_of(gateways, records)))
    for gateway in gateways:
        if not records[gateway.name].streams:
            out.print(f"{gateway.name} {gateway.version} answers no stream here: no first text to measure.")
    if figures:
        out.print(table_of(figures))


def _side_by_side(names: Sequence[str], scale: Scale) -> tuple[list[Gateway], Mapping[str, Record]]:
    machine.pin(machine.LOAD_CORE)
    with tempfile.TemporaryDirectory(prefix="parley-peers-") as folder, ExitStack() as open_ones:
        before = open_ones.enter_context(upstream(_PACE, machine.LOAD_CORE))
        gateways = []
        for name in names:
            out.print(f"{name} …")
            where = Path(folder) / name
            where.mkdir()
            gateways.append(open_ones.enter_context(started(RECIPES[name](where, before), where)))
        out.print(f"{scale.rounds} rounds …")
        return gateways, measured(gateways, before, scale)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples: orders of magnitude")
    parser.add_argument("--only", action="append", choices=RECIPES, help="may be given several times")
    parser.add_argument("--force", action="store_true", help="measure although the machine is busy")
    return parser.parse_args()


def _kept(gateways: Sequence[Gateway], records: Mapping[str, Record], load: float, *, is_quick: bool) -> Path:
    """Write every sample as JSON, beside what was measured and when."""
    _RESULTS.mkdir(exist_ok=True)
    now = SystemClock().now().astimezone(UTC)
    path = _RESULTS / f"peers-{now:%Y-%m-%dT%H%M%SZ}.json"
    samples = {
        gateway.name: {
            "version": gateway.version,
            "start_seconds": gateway.start_seconds,
            "values": records[gateway.name].values(),
            "calls": records[gateway.name].calls,
            "first_texts": records[gateway.name].first_texts,
            "rates": records[gateway.name].rates,
        }
        for gateway in gateways
    }
    loads = {"load_before": load, "load_after": machine.load()}
    whole = {"measured_at": now.isoformat(), "is_quick": is_quick, **loads, "versions": machine.versions()}
    path.write_text(json.dumps({**whole, "gateways": samples}) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
