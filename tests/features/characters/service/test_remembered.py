from parley.features.characters.service.remembered import Remembered
from parley.features.characters.service.version import CatalogueVersion
from support.virtual_clock import VirtualClock


class Counter:
    """Answers with how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self) -> int:
        self.asked += 1
        return self.asked


async def test_an_answer_is_kept_for_its_time() -> None:
    clock, read = VirtualClock(), Counter()
    kept: Remembered[str, int] = Remembered(clock, CatalogueVersion(), seconds=10, most=5)
    assert [await kept.get("a", read), await kept.get("a", read)] == [1, 1]
    clock.advance(10)
    assert await kept.get("a", read) == 2


async def test_an_answer_ends_with_its_version() -> None:
    version, read = CatalogueVersion(), Counter()
    kept: Remembered[str, int] = Remembered(VirtualClock(), version, seconds=10, most=5)
    await kept.get("a", read)
    version.raise_to(1)
    assert kept.peek("a") is None
    version.raise_to(0)
    assert await kept.get("a", read) == 2


async def test_what_was_read_during_a_change_is_not_kept() -> None:
    version, read = CatalogueVersion(), Counter()
    kept: Remembered[str, int] = Remembered(VirtualClock(), version, seconds=10, most=5)

    async def overtaken() -> int:
        version.raise_to(1)
        return await read()

    assert await kept.get("a", overtaken) == 1
    assert kept.peek("a") is None


async def test_the_least_used_answer_makes_room() -> None:
    read = Counter()
    kept: Remembered[str, int] = Remembered(VirtualClock(), CatalogueVersion(), seconds=10, most=2)
    for key in ("a", "b", "a", "c"):
        await kept.get(key, read)
    assert (kept.peek("a"), kept.peek("b"), kept.peek("c")) == (1, None, 3)
