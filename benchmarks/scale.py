"""How much work a run of the benchmarks is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Full, or quick: a look at the order of magnitude."""

    is_quick: bool = False

    @property
    def rounds(self) -> int:
        """Rounds of each measurement; medians are taken of theirs."""
        return self.of(5, 2)

    def of(self, full: int, quick: int) -> int:
        """One of the two."""
        return quick if self.is_quick else full
