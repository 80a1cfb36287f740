"""The machine's randomness."""

import random
import secrets


class SystemChance:
    """Randomness from the operating system."""

    def token(self) -> str:
        return secrets.token_hex(16)

    def fraction(self) -> float:
        return random.random()  # noqa: S311 - jitter hides nothing
