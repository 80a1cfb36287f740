"""How much a person may still write today."""

from datetime import datetime, timedelta
from typing import Final

from aiogram.utils.formatting import Bold, Text

from parley.features.bot.core.texts import words
from parley.features.bot.core.texts.words import Phrase
from parley.features.limits.core import Usage
from parley.kernel.sentences import Language
from parley.kernel.wire import moment_of

_TITLE: Final[Phrase] = {"ru": "Сообщения на сегодня", "en": "Messages for today"}


def usage(usage: Usage, now: datetime, language: Language) -> Text:
    """Used, left, and when it is fresh again by the person's own clock; ``now`` is a moment in their zone."""
    if usage.subscription is not None:
        return _subscribed(usage.subscription.end_at, now, language)
    state = usage.state
    assert state.resets_at is not None
    fresh = datetime.fromisoformat(state.resets_at).astimezone(now.tzinfo)
    if language == "ru":
        left = f"Осталось {state.remaining} из {state.total}, использовано {usage.used}."
        when = f"Лимит обновится в {fresh:%H:%M} ({_zone(now)}), через {_span(fresh - now, language)}."
    else:
        left = f"{state.remaining} of {state.total} left, {usage.used} used."
        when = f"The limit is renewed at {fresh:%H:%M} ({_zone(now)}), in {_span(fresh - now, language)}."
    return Text(Bold(_TITLE[language]), f"\n\n{left}\n{when}")


def _subscribed(end_at: int, now: datetime, language: Language) -> Text:
    until = words.date(moment_of(end_at).astimezone(now.tzinfo), language)
    if language == "ru":
        return Text(
            Bold("Подписка действует"), f"\n\nДо {until} можно писать сколько угодно, и доступны все персонажи."
        )
    return Text(Bold("Your subscription is active"), f"\n\nUntil {until} you can write as much as you like, to anyone.")


def _zone(moment: datetime) -> str:
    return str(moment.tzinfo)


def _span(span: timedelta, language: Language) -> str:
    """Hours and minutes, rounded up so that the promise holds."""
    minutes = max(-(-int(span.total_seconds()) // 60), 1)
    hours, rest = divmod(minutes, 60)
    units = {"ru": ("ч", "мин"), "en": ("h", "min")}[language]
    parts = [f"{count} {unit}" for count, unit in zip((hours, rest), units, strict=True) if count]
    return " ".join(parts)
