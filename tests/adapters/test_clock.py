"""The machine's clock."""

from datetime import UTC

from parley.adapters.clock import SystemClock


async def test_time_is_aware_and_its_course_is_monotonic() -> None:
    clock = SystemClock()
    before = clock.monotonic()

    await clock.sleep(0)

    assert clock.now().tzinfo is UTC
    assert clock.monotonic() >= before
