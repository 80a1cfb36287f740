"""What the bot itself says while a person talks with a character."""

from zoneinfo import ZoneInfo

from parley.features.bot.core.texts import talking
from parley.kernel.errors import LimitState

USED_UP = LimitState(0, 50, "2026-01-06T00:00:00Z")


def test_the_end_of_the_days_messages_is_told_by_the_persons_own_clock() -> None:
    russian = talking.used_up(USED_UP, "ru", ZoneInfo("Asia/Tokyo"))
    assert "было 50" in russian
    assert "09:00 (Asia/Tokyo)" in russian
    assert "at 19:00 (America/New_York)" in talking.used_up(USED_UP, "en", ZoneInfo("America/New_York"))


def test_a_quota_without_an_end_is_fresh_tomorrow() -> None:
    endless = LimitState(0, 50, None)
    assert "завтра" in talking.used_up(endless, "ru", ZoneInfo("UTC"))
    assert "tomorrow" in talking.used_up(endless, "en", ZoneInfo("UTC"))


def test_which_variant_is_shown() -> None:
    assert talking.which_variant(1, 2, "ru") == "Вариант 1 из 2"
    assert talking.which_variant(1, 2, "en") == "Version 1 of 2"
