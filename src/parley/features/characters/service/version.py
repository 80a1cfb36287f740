"""The number that tells whether something remembered of the catalogue is still true."""

from dataclasses import dataclass


@dataclass(slots=True)
class CatalogueVersion:
    """The newest version of the catalogue this process knows of; all services of the process share one."""

    value: int = 0

    def raise_to(self, value: int) -> None:
        """Take note of a change, one's own or another process's. What is older than known changes nothing."""
        self.value = max(self.value, value)
