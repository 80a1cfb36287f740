"""The quota's ledger against a model of it that fits on a page."""

import asyncio
import itertools
import tempfile
from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.features.identity import store as people
from parley.features.identity.core import TelegramUser
from parley.features.limits.core import WITHOUT_LIMIT, day_of
from parley.features.limits.service import Limits
from parley.kernel.errors import DailyLimitExceeded, LimitState
from parley.kernel.ids import TelegramUserId, TurnId, UserId
from parley.kernel.wire import millis
from support.virtual_clock import VirtualClock

DAILY = 3
PEOPLE = (0, 1)
who = st.sampled_from(PEOPLE)
which = st.integers(0, 30)


class Ledger(RuleBasedStateMachine):
    """Units are taken, settled and given back in any order, days pass, subscriptions begin."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.numbers = itertools.count()
        self.turns: list[tuple[TurnId, int, int]] = []
        """Each turn that got a unit, of whom and on which day."""
        self.open: set[TurnId] = set()
        self.refunded: set[TurnId] = set()
        self.subscribed_until: dict[int, int] = {}

    @initialize()
    def opened(self) -> None:
        """Real tables, with two people."""
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.db = self.runner.run(open_database(f"sqlite:///{self.folder.name}/parley.db", SystemClock()))
        self.limits = Limits(self.db, self.clock, DAILY)
        self.people = [self.runner.run(self.met(number)) for number in PEOPLE]

    def teardown(self) -> None:
        self.runner.run(self.db.close())
        self.runner.close()
        self.folder.cleanup()

    async def met(self, number: int) -> UserId:
        """A person."""
        user = TelegramUser(TelegramUserId(number + 1), "Somebody", None, None, None)
        async with self.db.begin() as tx:
            return (await people.meet(tx, user, "ru", 0)).id

    @property
    def today(self) -> int:
        return day_of(millis(self.clock.now()))

    def used(self, person: int, day: int) -> int:
        """What the model says."""
        return Counter((who, when) for turn, who, when in self.turns if turn not in self.refunded)[person, day]

    def is_subscribed(self, person: int) -> bool:
        return millis(self.clock.now()) < self.subscribed_until.get(person, 0)

    # --- what happens

    @rule(person=who, at_once=st.integers(1, 5))
    def take(self, person: int, at_once: int) -> None:
        """So many messages at the same moment."""

        async def one(turn: TurnId) -> tuple[TurnId, LimitState | None]:
            try:
                async with self.db.begin() as tx:
                    return turn, await self.limits.take(tx, self.people[person], turn)
            except DailyLimitExceeded:
                return turn, None

        async def all_of_them() -> list[tuple[TurnId, LimitState | None]]:
            return await asyncio.gather(*(one(TurnId(f"turn {next(self.numbers)}")) for _ in range(at_once)))

        free = max(DAILY - self.used(person, self.today), 0)
        taken = [(turn, state) for turn, state in self.runner.run(all_of_them()) if state is not None]
        assert len(taken) == (at_once if self.is_subscribed(person) else min(at_once, free))
        remaining = sorted(state.remaining for _, state in taken)
        if self.is_subscribed(person):
            assert set(remaining) <= {WITHOUT_LIMIT}
        else:
            assert remaining == list(range(free - len(taken), free))
        for turn, _ in taken:
            self.turns.append((turn, person, self.today))
            self.open.add(turn)

    @precondition(lambda self: self.turns)
    @rule(place=which)
    def settle(self, place: int) -> None:
        """A reply was stored; maybe of a turn that has ended before."""
        turn, _, _ = self.turns[place % len(self.turns)]

        async def settled() -> None:
            async with self.db.begin() as tx:
                await self.limits.settle(tx, turn)

        self.runner.run(settled())
        self.open.discard(turn)

    @precondition(lambda self: self.turns)
    @rule(place=which, times=st.integers(1, 3))
    def refund(self, place: int, times: int) -> None:
        """A turn failed; several may say so, and of one that has ended before."""
        turn, _, _ = self.turns[place % len(self.turns)]

        async def refunded() -> None:
            async with self.db.begin() as tx:
                await self.limits.refund(tx, turn)

        async def by_several() -> None:
            await asyncio.gather(*(refunded() for _ in range(times)))

        self.runner.run(by_several())
        if turn in self.open:
            self.open.discard(turn)
            self.refunded.add(turn)

    @rule()
    def a_day_passes(self) -> None:
        self.clock.advance(timedelta(days=1).total_seconds())

    @rule(person=who)
    def subscribe(self, person: int) -> None:
        """For two days more."""
        now = millis(self.clock.now())
        start = self.subscribed_until[person] if self.is_subscribed(person) else now
        self.subscribed_until[person] = start + 2 * 86_400_000
        self.runner.run(self.limits.grant(self.people[person], 2, "operator"))

    # --- what always holds

    @invariant()
    def the_counter_is_what_the_ledger_explains(self) -> None:
        async def counted(person: int, day: int) -> tuple[int, int]:
            async with self.db.read() as tx:
                row = await tx.one(
                    "SELECT COALESCE((SELECT used FROM quota_days WHERE user_id = :user AND day = :day), 0) AS used,"
                    " (SELECT COUNT(*) FROM quota_entries WHERE user_id = :user AND day = :day"
                    " AND state <> 'refunded') AS entries",
                    user=self.people[person],
                    day=day,
                )
                assert row is not None
                return row["used"], row["entries"]

        for person, day in {(person, day) for _, person, day in self.turns}:
            used, entries = self.runner.run(counted(person, day))
            assert used == entries == self.used(person, day)

    @invariant()
    def what_is_told_is_what_is_kept(self) -> None:
        for person in PEOPLE:
            usage = self.runner.run(self.limits.usage(self.people[person]))
            used = self.used(person, self.today)
            assert usage.used == used
            assert usage.state.remaining == (WITHOUT_LIMIT if self.is_subscribed(person) else max(DAILY - used, 0))


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=25, stateful_step_count=25)
