"""Request rates counted in Redis or Valkey: exact, however many processes count."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from parley.adapters.redis import FAULTS
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Clock

_PATIENCE: Final = 0.5
"""Seconds a request may wait to be counted."""
_AWAY_FOR: Final = 1.0
"""Seconds without trying after a failure; then one request tries for all."""
_MICROSECONDS: Final = 1_000_000

_ADMIT: Final = """
local limit, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local oldest = tonumber(redis.call('LINDEX', KEYS[1], 0))
while oldest and oldest <= now - window do
  redis.call('LPOP', KEYS[1])
  oldest = tonumber(redis.call('LINDEX', KEYS[1], 0))
end
if redis.call('LLEN', KEYS[1]) >= limit then
  return oldest and oldest + window - now or window
end
redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return 0
"""
"""One list of moments a key, in microseconds of the server's clock. The answer: 0, or how long to wait."""


log = structlog.get_logger(__name__)


@dataclass(slots=True)
class RedisRateWindow:
    """The last requests of each key, as one list in the server."""

    redis: Redis = field(repr=False)
    namespace: str
    clock: Clock
    patience: float = _PATIENCE
    _try_at: float = float("-inf")
    """While the server is away: when to try again."""
    _is_away: bool = False
    _admit: AsyncScript = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._admit = self.redis.register_script(_ADMIT)

    async def admit(self, key: str, limit: int, seconds: float) -> float | None:
        """Count by the server's clock."""
        return await self.admit_at(None, key, limit, seconds)

    async def admit_at(self, moment: float | None, key: str, limit: int, seconds: float) -> float | None:
        """The same at a moment in seconds, of any clock that never runs backwards for this key."""
        if self._is_away:
            if self.clock.monotonic() < self._try_at:
                raise ServiceUnavailable
            self._try_at = self.clock.monotonic() + _AWAY_FOR
        now = "" if moment is None else round(moment * _MICROSECONDS)
        try:
            async with asyncio.timeout(self.patience):
                wait = await self._ask(f"{self.namespace}:rate:{key}", limit, round(seconds * _MICROSECONDS), now)
        except FAULTS as fault:
            self._note(fault)
            raise ServiceUnavailable from None
        if self._is_away:
            log.info("redis_back", link="rates")
        self._is_away = False
        return wait / _MICROSECONDS or None

    async def _ask(self, key: str, limit: int, window: int, now: int | str) -> int:
        answer: int = await self._admit(keys=[key], args=[limit, window, now])
        return answer

    def _note(self, fault: Exception) -> None:
        if not self._is_away:
            log.warning("redis_away", link="rates", fault=type(fault).__name__)
        self._is_away = True
        self._try_at = self.clock.monotonic() + _AWAY_FOR
