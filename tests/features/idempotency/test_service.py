"""Claims of a turn's key: one works on it, and only the one who does may let it go."""

import pytest

from parley.adapters.db import OpenDatabase
from parley.features.idempotency import core
from parley.features.idempotency.service import Claim, Idempotency
from parley.features.identity import store as people
from parley.features.identity.core import TelegramUser
from parley.features.workers.service import ALIVE_FOR, Workers
from parley.kernel.errors import Conflict
from parley.kernel.ids import MessageId, TelegramUserId
from support.virtual_clock import VirtualClock


class Two:
    """Two processes on one database, and a request that may come to either."""

    def __init__(self, db: OpenDatabase) -> None:
        self.db = db
        self.clock = VirtualClock()
        self.first = Idempotency(db, self.clock, Workers(db, self.clock, "first"))
        self.second = Idempotency(db, self.clock, Workers(db, self.clock, "second"))

    async def asked(self) -> core.Asked:
        """A request of somebody."""
        async with self.db.begin() as tx:
            user = TelegramUser(TelegramUserId(7), "Anya", None, None, None)
            person = await people.meet(tx, user, "ru", 0)
        await self.first.workers.beat()
        await self.second.workers.beat()
        return core.asked(person.id, "POST /x", "k", b"{}")

    async def kept(self, claim: Claim, answer: str) -> None:
        """The turn is answered."""
        async with self.db.begin() as tx:
            await self.first.keep(tx, claim, answer)


@pytest.fixture
def two(db: OpenDatabase) -> Two:
    return Two(db)


async def claimed(by: Idempotency, asked: core.Asked) -> Claim:
    """The right to work, which must be given."""
    claim = await by.claim(asked)
    assert isinstance(claim, Claim)
    return claim


async def test_a_key_is_worked_on_by_one_at_a_time(two: Two) -> None:
    asked = await two.asked()
    await claimed(two.first, asked)
    for other in (two.first, two.second):
        with pytest.raises(Conflict):
            await other.claim(asked)


async def test_an_answered_key_gives_its_answer_everywhere(two: Two) -> None:
    asked = await two.asked()
    await two.kept(await claimed(two.first, asked), '{"a":1}')
    assert await two.first.claim(asked) == '{"a":1}'
    assert await two.second.claim(asked) == '{"a":1}'


async def test_a_released_key_may_be_tried_again_and_remembers_its_message(two: Two) -> None:
    asked = await two.asked()
    claim = await claimed(two.first, asked)
    async with two.db.begin() as tx:
        await two.first.remember_message(tx, claim, MessageId(5))
    await two.first.release(claim)
    assert (await claimed(two.second, asked)).message == 5


async def test_a_key_that_left_nothing_may_come_back_with_another_body(two: Two) -> None:
    asked = await two.asked()
    await two.first.release(await claimed(two.first, asked))
    await claimed(two.second, core.asked(asked.user, asked.route, asked.key, b"other"))


async def test_a_dead_processs_key_is_taken_over_and_it_cannot_let_it_go_any_more(two: Two) -> None:
    asked = await two.asked()
    late = await claimed(two.first, asked)
    two.clock.advance((ALIVE_FOR + 1) / 1000)
    await two.second.workers.beat()
    await claimed(two.second, asked)
    await two.first.release(late)
    with pytest.raises(Conflict):
        await two.second.claim(asked)


async def test_a_process_does_not_take_a_key_over_from_itself(two: Two) -> None:
    asked = await two.asked()
    await claimed(two.first, asked)
    two.clock.advance((ALIVE_FOR + 1) / 1000)
    with pytest.raises(Conflict):
        await two.first.claim(asked)


async def test_an_answer_is_never_unmade_by_a_release(two: Two) -> None:
    asked = await two.asked()
    claim = await claimed(two.first, asked)
    await two.kept(claim, "{}")
    await two.first.release(claim)
    assert await two.second.claim(asked) == "{}"
