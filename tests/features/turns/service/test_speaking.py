import asyncio

import pytest

from parley.adapters.bus.local import LocalBus
from parley.features.chats.core import Chat
from parley.features.prompts.core.build import Profile, Scene
from parley.features.turns.core import LONGEST_REPLY, Begun
from parley.features.turns.service.speaking import Speaker, Speech
from parley.kernel.ids import CharacterId, ChatId, MessageId, TurnId, UserId
from parley.kernel.ports import Finish, ModelFailed, Partial, Prompt, PromptMessage, Signal
from support.scripted_model import ScriptedModel
from support.virtual_clock import VirtualClock

CHAT, REPLY = ChatId(1), MessageId(2)
PROMPT = Prompt((PromptMessage("system", "You are Kira."), PromptMessage("user", "Привет, как дела?")))


class Spoken:
    """A speaker with all that a test steers and looks at."""

    def __init__(self, clock: VirtualClock | None = None) -> None:
        self.model = ScriptedModel()
        self.clock = clock or VirtualClock()
        self.told: list[Signal] = []
        bus = LocalBus()
        bus.listen(CHAT, self.told.append)
        self.speech = Speech(bus, self.clock, CHAT, REPLY)
        scene = Scene("Kira", "", "", Profile("Anya", None, "ru"), "neutral", "neutral", (), ())
        chat = Chat(CHAT, UserId(1), CharacterId(1), "neutral", "neutral", 0, 0, None, 0)
        begun = Begun(TurnId("t"), chat, REPLY, MessageId(1), None, None, None, 0, scene)
        self.speaker = Speaker(self.model, begun, self.speech, PROMPT)

    @property
    def pieces(self) -> list[tuple[int, str]]:
        return [(signal.offset, signal.text) for signal in self.told if isinstance(signal, Partial)]


async def test_what_is_told_is_the_whole_text_without_gaps_or_repeats() -> None:
    spoken = Spoken()
    spoken.model.will_say("one ", "two ", "\x00", "three ", "four")
    await spoken.speaker.speak()
    assert spoken.speech.text == "one two three four"
    assert "".join(text for _, text in spoken.pieces) == spoken.speech.text
    offset = 0
    for at, text in spoken.pieces:
        assert at == offset
        offset += len(text)
    assert isinstance(spoken.speech.finish, Finish)


async def test_pieces_that_come_at_once_are_told_together() -> None:
    class StandingClock(VirtualClock):
        async def sleep(self, seconds: float) -> None:  # noqa: ARG002 - the port names it
            await asyncio.Event().wait()

    spoken = Spoken(StandingClock())
    spoken.model.will_say("one ", "two ", "three ", "four")
    await spoken.speaker.speak()
    assert spoken.pieces == [(0, "one "), (4, "two three four")]


async def test_a_failure_before_any_text_is_the_callers() -> None:
    spoken = Spoken()
    spoken.model.will_fail(ModelFailed("server"))
    with pytest.raises(ModelFailed):
        await spoken.speaker.speak()
    assert len(spoken.model.asked) == 1


async def test_a_break_is_mended_once_by_asking_to_go_on_from_there() -> None:
    spoken = Spoken()
    spoken.model.will_fail(ModelFailed("cut"), after=("Once ", "upon "))
    spoken.model.will_say("a time", ".")
    await spoken.speaker.speak()
    assert (spoken.speech.text, spoken.speech.broke_at) == ("Once upon a time.", len("Once upon "))
    assert spoken.speech.finish is not None
    asked = spoken.model.asked[1].messages
    assert asked[:2] == PROMPT.messages
    assert asked[2] == PromptMessage("assistant", "Once upon ")


async def test_a_second_break_leaves_what_there_is() -> None:
    spoken = Spoken()
    spoken.model.will_fail(ModelFailed("cut"), after=("Once ",))
    spoken.model.will_fail(ModelFailed("cut"), after=("upon",))
    await spoken.speaker.speak()
    assert (spoken.speech.text, spoken.speech.finish) == ("Once upon", None)
    assert len(spoken.model.asked) == 2


async def test_a_continuation_gets_only_what_is_left_of_the_time() -> None:
    class LateClock(VirtualClock):
        """The first try takes all the time there is."""

        def monotonic(self) -> float:
            self.advance(LONGEST_REPLY)
            return super().monotonic()

    spoken = Spoken(LateClock())
    spoken.model.will_fail(ModelFailed("cut"), after=("Once",))
    spoken.model.will_say(" upon", " a time", wait=asyncio.Event())
    await asyncio.wait_for(spoken.speaker.speak(), 10)
    assert spoken.speech.text.startswith("Once")
    assert spoken.speech.finish is None
    assert spoken.model.closed_early == 1


async def test_a_stop_ends_the_models_stream_and_keeps_the_text() -> None:
    spoken = Spoken()
    spoken.model.will_say("So far", " and never more", wait=asyncio.Event())
    speaking = asyncio.create_task(spoken.speaker.speak())
    await asyncio.wait_for(spoken.model.said.wait(), 10)
    spoken.speaker.interrupt("stop")
    spoken.speaker.interrupt("shutdown")
    await asyncio.wait_for(speaking, 10)
    assert (spoken.speech.text, spoken.speaker.stopped, spoken.speech.finish) == ("So far", "stop", None)
    assert spoken.model.closed_early == 1


async def test_a_stop_before_the_beginning_asks_no_model() -> None:
    spoken = Spoken()
    spoken.speaker.interrupt("stop")
    await spoken.speaker.speak()
    assert (spoken.speech.text, spoken.model.asked) == ("", [])


async def test_a_stop_also_ends_a_continuation() -> None:
    spoken = Spoken()
    spoken.model.will_fail(ModelFailed("cut"), after=("Once",))
    spoken.model.will_say(" upon", " a time", wait=asyncio.Event())
    speaking = asyncio.create_task(spoken.speaker.speak())
    async with asyncio.timeout(10):
        while spoken.speech.text != "Once upon":  # noqa: ASYNC110 - text sets no event
            await asyncio.sleep(0)
    spoken.speaker.interrupt("stop")
    await asyncio.wait_for(speaking, 10)
    assert spoken.speech.text == "Once upon"


async def test_a_cancelled_speaker_ends_the_models_stream() -> None:
    spoken = Spoken()
    spoken.model.will_say("So far", " and never more", wait=asyncio.Event())
    speaking = asyncio.create_task(spoken.speaker.speak())
    await asyncio.wait_for(spoken.model.said.wait(), 10)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    assert spoken.model.closed_early == 1
