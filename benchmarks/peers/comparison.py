"""The samples of all gateways as one table, and Parley's held against what it promises."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from benchmarks.completions import ADDED_P50, ADDED_P99, CLIENTS, FIRST_TOKEN
from benchmarks.figures import Figure
from benchmarks.peers.gateways import Gateway
from benchmarks.peers.rounds import Record

_OURS: Final = "Parley"
_RATE: Final = f"{CLIENTS} clients: requests/s"
_TIMES_PORTKEY: Final = 5.0
_BOUNDS: Final[Mapping[str, float]] = {
    "call: added p50, ms": ADDED_P50,
    "call: added p99, ms": ADDED_P99,
    "first text: added p50, ms": FIRST_TOKEN,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was measured, of all gateways that have it."""

    name: str
    values: Mapping[str, float]

    def ratio(self, theirs: str) -> float | None:
        """Ours over theirs."""
        if _OURS not in self.values or not self.values.get(theirs):
            return None
        return self.values[_OURS] / self.values[theirs]


def rows_of(gateways: Sequence[Gateway], records: Mapping[str, Record]) -> list[Row]:
    """In the order in which the fullest record names them."""
    values = {name: record.values() for name, record in records.items()}
    names = dict.fromkeys(name for found in values.values() for name in found)
    rows = [Row(name, {who: found[name] for who, found in values.items() if name in found}) for name in names]
    return [*rows, Row("start to first answer, s", {each.name: each.start_seconds for each in gateways})]


def told(gateways: Sequence[Gateway], rows: Sequence[Row]) -> Table:
    """For people."""
    peers = [gateway.name for gateway in gateways if gateway.name != _OURS]
    versions = [f"{gateway.name}\n{gateway.version}" for gateway in gateways]
    table = Table("", *versions, *(f"{_OURS} /\n{peer}" for peer in peers), box=None, pad_edge=False)
    for row in rows:
        values = [_short(row.values.get(gateway.name)) for gateway in gateways]
        table.add_row(row.name, *values, *(_short(row.ratio(peer)) for peer in peers))
    return table


def targets(records: Mapping[str, Record]) -> list[Figure]:
    """What is promised of Parley, as far as it was measured."""
    return list(_targets(records)) if _OURS in records else []


def _targets(records: Mapping[str, Record]) -> Iterator[Figure]:
    ours = records[_OURS]
    values, count = ours.values(), ours.count()
    for name, bound in _BOUNDS.items():
        if name in values:
            yield Figure(f"Parley, {name}", values[name], "", count, bound, detail={"upstream alone": ours.alone()})
    if "Portkey" in records:
        times = values[_RATE] / records["Portkey"].values()[_RATE]
        yield Figure("Parley's requests/s over Portkey's", times, "×", len(ours.rates), _TIMES_PORTKEY, "at least")


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
