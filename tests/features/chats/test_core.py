"""Laws of the fold that clients run, and the small decisions beside it. Single cases are in `contract/events/`."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.chats import core, wire
from parley.features.chats.core import Chat, EventKind, Logged, Message, Reply, SessionChange, View
from parley.kernel.errors import InvalidInput
from parley.kernel.ids import CharacterId, ChatId, MessageId, UserId

CHAT = Chat(ChatId(1), UserId(3), CharacterId(7), "friend", "sweet", 4, 2, 1_735_732_800_000, 1_735_000_000_000)

Doing = Literal["say", "edit", "delete", "reset", "session"]
Frames = list[dict[str, Any]]


@dataclass(slots=True)
class Told:
    """A chat and what is told of it: live as it happens, and again from the log as everything stands at the end."""

    live: Frames = field(default_factory=list)
    log: list[Logged] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    session: core.Json | None = None
    newest: int = 0

    def do(self, doing: Doing, choice: int) -> None:
        """One thing that happens; ``choice`` picks the message it happens to."""
        match doing:
            case "say":
                self._say()
            case "edit" if self.messages:
                self._edit(self._pick(choice))
            case "delete":
                ids = [self._pick(choice), MessageId(10_000)] if self.messages else [MessageId(10_000)]
                self.messages = {id_: each for id_, each in self.messages.items() if id_ not in ids}
                self._tell("message.deleted", data={"message_ids": ids})
            case "reset":
                kept = sorted(self.messages)[choice % 3 :]
                self.messages = {id_: self.messages[id_] for id_ in kept}
                self._tell("chat.reset", data={"kept_message_ids": kept})
            case "session":
                self.session = core.session_data(replace(CHAT, mood_preference=core.MOODS[choice % 5]))
                self._tell("session.updated", data=self.session)
            case _:
                pass

    def replayed(self) -> Frames:
        """The log as it is read back: texts as they stand now, what is gone is told as gone."""
        return [
            self._frame(replace(entry, message=self.messages.get(entry.message_id or 0), data=entry.data))
            for entry in self.log
        ]

    def _say(self) -> None:
        self.newest += 1
        id_ = MessageId(self.newest)
        role: core.Role = "user" if self.newest % 2 else "assistant"
        self.messages[id_] = Message(id_, role, f"said {id_}", 1_735_732_800_000, tokens_used=id_)
        self._tell("message.new", id_)
        if role == "assistant":
            self._tell("message.complete", id_)

    def _edit(self, id_: MessageId) -> None:
        text = f"edited {len(self.log)}"
        self.messages[id_] = replace(self.messages[id_], text=text, edited_at=1_735_732_900_000)
        self._tell("message.updated", id_)

    def _pick(self, choice: int) -> MessageId:
        ids = sorted(self.messages)
        return MessageId(ids[choice % len(ids)])

    def _tell(self, kind: EventKind, message: MessageId | None = None, data: core.Json | None = None) -> None:
        now = None if message is None else self.messages[message]
        self.log.append(Logged(len(self.log) + 1, kind, message, now, data))
        self.live.append(self._frame(self.log[-1]))

    def _frame(self, entry: Logged) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(wire.logged_frame(entry))
        return frame


@st.composite
def chats(draw: st.DrawFn) -> Told:
    """A chat in which things have happened; it is mostly talked in."""
    doings: st.SearchStrategy[Doing] = st.sampled_from(["say", "say", "say", "edit", "delete", "reset", "session"])
    told = Told()
    for doing, choice in draw(st.lists(st.tuples(doings, st.integers(0, 5)), max_size=20)):
        told.do(doing, choice)
    return told


@st.composite
def cuts(draw: st.DrawFn) -> tuple[Told, int, int]:
    """A chat, how many of its frames were seen before the line broke, and from how much earlier it is told again."""
    told = draw(chats())
    seen = draw(st.integers(0, len(told.live)))
    return told, seen, draw(st.integers(0, seen))


def fold(frames: Iterable[core.Json], view: View | None = None) -> View:
    return reduce(core.apply, frames, view or View())


def texts(view: View) -> list[tuple[int, str]]:
    return [(each["id"], each["message_text"]) for each in view.messages]


# --- laws ------------------------------------------------------------------------------------------


@given(chats())
def test_the_fold_of_what_was_told_is_what_is_there(told: Told) -> None:
    view = fold(told.live)
    assert texts(view) == [(id_, told.messages[MessageId(id_)].text) for id_ in sorted(told.messages)]
    assert view.session == told.session
    assert view.seq == len(told.log)


@given(chats())
def test_hearing_everything_twice_is_hearing_it_once(told: Told) -> None:
    assert fold([*told.live, *told.live]) == fold(told.live)
    assert fold(frame for frame in told.live for _ in range(2)) == fold(told.live)


@given(cuts())
def test_a_resume_that_overlaps_gives_what_an_unbroken_line_gives(cut: tuple[Told, int, int]) -> None:
    told, seen, again = cut
    assert fold([*told.live[:seen], *told.live[again:]]) == fold(told.live)


@given(cuts())
def test_a_replay_as_things_stand_now_meets_what_was_heard_live(cut: tuple[Told, int, int]) -> None:
    told, seen, again = cut
    assert texts(fold(told.replayed()[again:], fold(told.live[:seen]))) == texts(fold(told.live))


@given(chats(), st.text(min_size=1), st.data())
def test_a_streamed_text_is_whole_however_it_is_cut(told: Told, text: str, data: st.DataObject) -> None:
    marks = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[start:end] for start, end in zip([0, *marks], [*marks, len(text)], strict=True)]
    frames = [json.loads(wire.delta_frame(MessageId(99), piece, index)) for index, piece in enumerate(pieces)]
    before = fold(told.live)
    after = fold(frames, before)
    assert after.writing == {"message_id": 99, "text": text}
    assert replace(after, writing=None) == before


@given(chats())
def test_what_passes_leaves_nothing_behind(told: Told) -> None:
    character = CharacterId(7)
    begin, end = (json.loads(wire.typing_frame(character, is_typing=each)) for each in (True, False))
    delta = json.loads(wire.delta_frame(MessageId(99), "…", 0))
    passing: Sequence[core.Json] = [begin, delta, {"event": "error", "data": {"code": "llm_error"}}, end]
    assert fold(passing, fold(told.live)) == fold(told.live)


# --- decisions -------------------------------------------------------------------------------------


def test_every_allowed_setting_passes_and_any_other_is_named() -> None:
    for relationship in core.RELATIONSHIPS:
        for mood in core.MOODS:
            change = SessionChange(relationship, mood)
            assert core.checked(change) is change
    assert core.checked(SessionChange()) == SessionChange()
    with pytest.raises(InvalidInput) as stranger:
        core.checked(SessionChange(relationship_type="enemy"))
    with pytest.raises(InvalidInput) as grim:
        core.checked(SessionChange(mood_preference="grim"))
    assert (stranger.value.field, grim.value.field) == ("relationship_type", "mood_preference")


def test_a_first_reply_is_its_only_variant() -> None:
    message = core.as_message(Reply(MessageId(2), "Hi", 5, 1, "m", is_partial=True, receipt="{}"))
    assert (message.variant, message.variants_count, message.is_regenerated, message.is_partial) == (1, 1, False, True)


def test_a_reply_in_the_place_of_another_is_its_newest_variant() -> None:
    old = Message(MessageId(2), "assistant", "Hi", 5, variants_count=2, variant=1)
    message = core.as_message(Reply(MessageId(3), "Hey", 6, 1, "m", is_partial=False, receipt="{}"), old)
    assert (message.variant, message.variants_count, message.is_regenerated) == (3, 3, True)


def test_a_session_tells_its_times_as_the_spec_does() -> None:
    told = core.session_data(CHAT)
    assert (told["last_message_at"], told["created_at"]) == ("2025-01-01T12:00:00Z", "2024-12-24T00:26:40Z")
    assert core.session_data(replace(CHAT, last_message_at=None))["last_message_at"] is None


def test_a_deletion_and_a_reset_name_their_messages() -> None:
    assert core.deleted((2, 3)).data == {"message_ids": [2, 3]}
    assert core.reset(()).data == {"kept_message_ids": []}
