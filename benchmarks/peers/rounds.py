"""What is measured of each gateway, and in which order: rounds, in each all gateways by chance, each call in a pair."""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import uvloop

from benchmarks.completions import CLIENTS, Measured, measure
from benchmarks.figures import percentile, summary
from benchmarks.peers.gateways import Gateway
from benchmarks.peers.upstream import FIRST_TEXT, Upstream
from benchmarks.scale import Scale
from benchmarks.stage import settle
from benchmarks.wire import Connection

_WARM_UP_CALLS: Final = 10
Pair = tuple[float, float]
"""Milliseconds of the upstream alone and through a gateway, one right after the other."""


@dataclass(slots=True)
class Record:
    """What came of one gateway, by rounds."""

    streams: bool
    calls: list[list[Pair]] = field(default_factory=list)
    first_texts: list[list[Pair]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    """Answers a second to all clients together."""
    crowded: list[list[float]] = field(default_factory=list)
    """Milliseconds of each answer then."""
    busy: list[float] = field(default_factory=list)
    """Percent of a core then."""
    frugality: list[float] = field(default_factory=list)
    """Answers for a second of its core: what is left of the rate when others take the core away."""
    resident: float = 0.0
    """MB at the end."""

    def values(self) -> dict[str, float]:
        """What the samples say, by what it is; without a stream there is no first text."""
        calls, crowded = _added(self.calls), summary(self.crowded)
        found = {
            "call: added p50, ms": calls["median of rounds"],
            "call: added p99, ms": calls["p99"],
            f"{CLIENTS} clients: requests/s": statistics.median(self.rates),
            f"{CLIENTS} clients: p50, ms": crowded["median of rounds"],
            f"{CLIENTS} clients: p99, ms": crowded["p99"],
            f"{CLIENTS} clients: its core, %": statistics.median(self.busy),
            f"{CLIENTS} clients: requests per CPU second": statistics.median(self.frugality),
            "resident afterwards, MB": self.resident,
        }
        if self.streams:
            texts = _added(self.first_texts)
            found |= {"first text: added p50, ms": texts["median of rounds"], "first text: added p99, ms": texts["p99"]}
        return found

    def alone(self) -> float:
        """Median of the calls to the upstream alone, milliseconds."""
        return percentile([alone for each in self.calls for alone, _ in each], 50)

    def count(self) -> int:
        """How many pairs of calls there were."""
        return sum(map(len, self.calls))


def measured(gateways: Sequence[Gateway], before: Upstream, scale: Scale) -> Mapping[str, Record]:
    """Go through all rounds; what came of each gateway, by its name."""
    chance = random.Random()
    records = {gateway.name: _warmed(gateway, scale) for gateway in gateways}
    settle(scale.of(3, 1))
    for _ in range(scale.rounds):
        for gateway in chance.sample(gateways, len(gateways)):
            _round(gateway, before, records[gateway.name], scale, chance)
    for gateway in gateways:
        records[gateway.name].resident = gateway.resident_mb()
    return records


def _warmed(gateway: Gateway, scale: Scale) -> Record:
    """Compilers at run time need thousands of calls before they have done their work."""
    _asked_by_all(gateway, scale.of(8, 2))
    return Record(streams=gateway.answers(stream=True))


def _round(gateway: Gateway, before: Upstream, record: Record, scale: Scale, chance: random.Random) -> None:
    with Connection(before.port) as direct, Connection(gateway.port) as through:
        alone, ours = before.call(), gateway.call()
        call = (lambda: direct.exchange(alone)[0], lambda: through.exchange(ours)[0])
        record.calls.append(_pairs(*call, scale.of(150, 30), chance))
        if record.streams:
            alone, ours = before.call(stream=True), gateway.call(stream=True)
            text = (lambda: direct.until(alone, FIRST_TEXT), lambda: through.until(ours, FIRST_TEXT))
            record.first_texts.append(_pairs(*text, scale.of(40, 8), chance))
    _crowd(gateway, record, scale.of(4, 1))


def _pairs(direct: Callable[[], float], through: Callable[[], float], count: int, chance: random.Random) -> list[Pair]:
    for _ in range(_WARM_UP_CALLS):
        direct(), through()
    return [_pair(direct, through, is_direct_first=chance.random() < 0.5) for _ in range(count)]


def _pair(direct: Callable[[], float], through: Callable[[], float], *, is_direct_first: bool) -> Pair:
    if is_direct_first:
        alone = direct()
        return alone * 1000, through() * 1000
    took = through()
    return direct() * 1000, took * 1000


def _crowd(gateway: Gateway, record: Record, seconds: int) -> None:
    used = gateway.cpu_seconds()
    done = _asked_by_all(gateway, seconds)
    used = gateway.cpu_seconds() - used
    record.busy.append(used / done.seconds * 100)
    record.frugality.append(len(done.times) / used)
    record.rates.append(done.rate)
    record.crowded.append([each * 1000 for each in done.times])


def _asked_by_all(gateway: Gateway, seconds: int) -> Measured:
    asked = measure(gateway.base_url, gateway.key, gateway.model, headers=gateway.headers, seconds=seconds)
    done = uvloop.run(asked)
    assert not done.failures, f"{gateway.name}: {done.failures} failed"
    return done


def _added(rounds: Sequence[Sequence[Pair]]) -> dict[str, float]:
    return summary([[through - alone for alone, through in each] for each in rounds])
