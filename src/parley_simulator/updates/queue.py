"""The updates of one bot: in order, each until it is confirmed or too old."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, takewhile

from parley_simulator.updates.kinds import UNASKED, allowed
from parley_simulator.wire import encode

ANSWER_BYTES = 1 << 22
"""An answer of getUpdates is cut near this size."""
REMEMBERED = 1000
"""So many of the latest updates can be delivered again."""
_FUTURE = 10
"""An offset farther than this behind the last update is taken for a mistake."""


@dataclass(slots=True)
class Update:
    """An update as it is sent; `queue` names the chat within which order holds."""

    id: int
    kind: str
    body: bytes
    queue: int
    expires: float
    gone: bool = False

    def is_live(self, now: float) -> bool:
        """Whether it still waits to be taken."""
        return not self.gone and self.expires > now


class Updates:
    """The queue of one bot."""

    def __init__(self, first_id: int) -> None:
        self.allowed: list[str] | None = None
        self.held = False
        self._next_id = first_id
        self._waiting: deque[Update] = deque()
        self._latest: deque[Update] = deque(maxlen=REMEMBERED)
        self._again: deque[Update] = deque()
        self._soonest_end = float("inf")
        self._listeners: list[Callable[[], None]] = []

    # --- in ---------------------------------------------------------------------------------------

    def add(self, kind: str, payload: object, queue: int, expires: float) -> int | None:
        """Queue an update; its id, or None if the bot did not ask for this kind."""
        if kind not in (UNASKED if self.allowed is None else self.allowed):
            return None
        number = self._next_id
        self._next_id += 1
        body = b'{"update_id":%d,"%s":%s}' % (number, kind.encode(), encode(payload))
        update = Update(number, kind, body, queue, expires)
        self._waiting.append(update)
        self._latest.append(update)
        self._soonest_end = min(self._soonest_end, expires)
        self._announce()
        return number

    def ask_for(self, kinds: Iterable[object]) -> bool:
        """Remember `allowed_updates`; whether it changed anything. It holds for updates made from now on."""
        before, self.allowed = self.allowed, allowed(kinds)
        return before != self.allowed

    def hold(self, *, hold: bool) -> None:
        """While held, updates queue and none is delivered."""
        self.held = hold
        self._announce()

    def redeliver(self, numbers: Iterable[int]) -> bool:
        """Deliver these again, in this order; False if one of them is not remembered."""
        known = {update.id: update for update in self._latest}
        wanted = list(numbers)
        if any(number not in known for number in wanted):
            return False
        self._again.extend(known[number] for number in wanted)
        self._announce()
        return True

    # --- out --------------------------------------------------------------------------------------

    def read(self, offset: int, limit: int, now: float) -> list[bytes]:
        """What getUpdates answers; ids below the offset are forgotten, a negative one keeps the last so many."""
        self._drop_dead(now)
        if offset < 0:
            self._keep_last(-offset)
        elif offset <= self._next_id + _FUTURE:
            self._forget_below(offset)
        return [] if self.held else self._delivered(limit, now)

    def has_any(self, now: float) -> bool:
        """Whether there is something to deliver now."""
        return not self.held and bool(self._again or self.pending(now))

    def take_again(self) -> list[Update]:
        """What is to be delivered again, for a webhook."""
        again = list(self._again)
        self._again.clear()
        return again

    def since(self, number: int) -> list[Update]:
        """All that waits and has a higher id, oldest first."""
        later = list(takewhile(lambda update: update.id > number, reversed(self._waiting)))
        return later[::-1]

    def pending(self, now: float) -> int:
        """How many wait."""
        self._drop_dead(now)
        return len(self._waiting)

    def forget(self, update: Update) -> None:
        """The update was delivered or given up."""
        update.gone = True
        while self._waiting and self._waiting[0].gone:
            self._waiting.popleft()

    def clear(self) -> None:
        """Forget all that waits."""
        self._keep_last(0)

    # --- who waits --------------------------------------------------------------------------------

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Be called whenever something may be there to deliver; call the answer to stop."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    def _announce(self) -> None:
        for heard in tuple(self._listeners):
            heard()

    def _delivered(self, limit: int, now: float) -> list[bytes]:
        repeated = {update.id for update in self._again}
        live = (update for update in self._waiting if update.is_live(now) and update.id not in repeated)
        bodies = list(_cut(islice(chain(self._again, live), limit)))
        for _ in range(min(len(bodies), len(self._again))):
            self._again.popleft()
        return bodies

    def _forget_below(self, offset: int) -> None:
        while self._waiting and (self._waiting[0].id < offset or self._waiting[0].gone):
            self._waiting.popleft().gone = True

    def _keep_last(self, count: int) -> None:
        while len(self._waiting) > count:
            self._waiting.popleft().gone = True

    def _drop_dead(self, now: float) -> None:
        """Walk the whole queue only when something in it ended, at most once a second."""
        if now < self._soonest_end:
            return
        self._waiting = deque(update for update in self._waiting if update.is_live(now))
        soonest = min((update.expires for update in self._waiting), default=float("inf"))
        self._soonest_end = max(soonest, now + 1.0)


def _cut(updates: Iterable[Update]) -> Iterator[bytes]:
    left = ANSWER_BYTES
    for update in updates:
        left -= len(update.body) + 50
        if left <= 0:
            return
        yield update.body
