"""Measured figures: how they are gathered from samples, held against their targets and shown."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.table import Table

Bound = Literal["at most", "at least"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and what was promised of it."""

    name: str
    value: float
    unit: str
    n: int
    """How many samples it rests on."""
    target: float | None = None
    """None: for information."""
    bound: Bound = "at most"
    detail: Mapping[str, float] = field(default_factory=dict)
    """Other figures of the same samples, in the same unit unless their names say another."""

    @property
    def is_met(self) -> bool:
        """Whether it is as good as promised."""
        if self.target is None:
            return True
        return self.value <= self.target if self.bound == "at most" else self.value >= self.target

    @property
    def verdict(self) -> str:
        """The last column of the table."""
        if self.target is None:
            return ""
        return "ok" if self.is_met else "MISSED"


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that so many percent of all do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def summary(rounds: Sequence[Sequence[float]]) -> dict[str, float]:
    """Median of the rounds' medians, and the percentiles of all samples together."""
    samples = [sample for each in rounds for sample in each]
    return {
        "median of rounds": statistics.median(statistics.median(each) for each in rounds),
        "p50": percentile(samples, 50),
        "p99": percentile(samples, 99),
        "max": max(samples),
    }


def table_of(figures: Sequence[Figure]) -> Table:
    """For people: each figure beside its target."""
    table = Table("figure", "value", "target", "", "n", "more", box=None, pad_edge=False)
    for each in figures:
        target = "" if each.target is None else f"{each.bound} {each.target:g}"
        more = ", ".join(f"{name} {_short(value)}" for name, value in each.detail.items())
        table.add_row(each.name, f"{_short(each.value)} {each.unit}", target, each.verdict, str(each.n), more)
    return table


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
