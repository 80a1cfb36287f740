"""From what is known to what a model is asked, within its budget, with a receipt (spec «Формирование контекста LLM»).

The five parts stand in the spec's order: the character's system prompt, the person's profile, memories, session
settings, and the last eight messages with the new one as the eighth. The first four are one system message, what
changes least first, so that providers can reuse its beginning; its last line names the reply's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile
from typing import Final, Literal

from parley.features.chats.core import Message
from parley.features.memories.core import Recalled
from parley.features.prompts.core.foreign import estimated_tokens, middle_cut, neutral, quoted
from parley.features.prompts.core.languages import reply_language
from parley.features.prompts.core.phrases import Phrases, phrases_of
from parley.kernel.ids import MemoryId, MessageId
from parley.kernel.ports import ModelTraits, Prompt, PromptMessage
from parley.kernel.text import one_line

WINDOW: Final = 8
"""Messages of the dialogue, the new one included (spec)."""
LONG_MESSAGE: Final = 1000
"""Characters that a message of the past keeps when the budget is short."""
MEMORY_SHARE: Final = 0.25
"""Of the budget: memories that fit in it are told even if long messages of the past must be cut for them."""
LONGEST_NAME: Final = 64
_PERSON: Final = "{{user}}"
LEAST_SCALE: Final = 0.5
MOST_SCALE: Final = 4.0
"""An English tokenizer spends about this many tokens on what one for Russian takes as one."""
LEAST_REPLY: Final = 16
"""Tokens left for going on after a break, however much has been said."""


class PromptTooLong(Exception):
    """The character's own prompt and the new message do not fit the model: the operator must choose a larger one."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the character may know of the person."""

    display_name: str
    gender: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a prompt is made of."""

    character_name: str
    system_prompt: str
    """May hold ``{{user}}``."""
    greeting: str
    profile: Profile
    relationship_type: str
    mood_preference: str
    memories: Sequence[Recalled]
    """The one most worth telling first."""
    history: Sequence[Message]
    """In time order; the newest is what is answered."""


@dataclass(frozen=True, slots=True)
class Section:
    """One of the five parts as the receipt tells it."""

    name: Literal["character", "profile", "memories", "session", "messages"]
    tokens: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A memory or a message that went in or was left out, and why."""

    id: int
    included: bool
    tokens: int
    reason: Literal["pinned", "relevant", "recent", "shortened", "budget"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a prompt held and what was left out. Tokens are estimates until the provider counts."""

    model: str
    budget_tokens: int
    estimated_tokens: int
    sections: tuple[Section, ...]
    memories: tuple[Entry, ...]
    messages: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """A prompt and its receipt."""

    prompt: Prompt
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class _Budget:
    """Counts tokens the way this model has been seen to."""

    total: int
    scale: float

    def of(self, text: str) -> int:
        return estimated_tokens(text, self.scale)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What of the scene goes in."""

    memories: Sequence[Recalled]
    messages: Sequence[Message]


def build(scene: Scene, traits: ModelTraits, *, scale: float = 1.0) -> Built:
    """The prompt for the scene's newest message; raises PromptTooLong.

    ``scale``: tokens the provider counted over tokens estimated, learnt from earlier replies.
    """
    budget = _Budget(traits.context_tokens - traits.reply_tokens, scale)
    phrases = phrases_of(reply_language(_said(scene), scene.profile.language))
    fixed = _fixed_parts(scene, phrases)
    chosen = _choose(scene, phrases, budget, budget.total - sum(map(budget.of, fixed.values())))
    parts = {**fixed, "memories": _memory_part(chosen.memories, phrases)}
    system = "\n\n".join(parts[name] for name in ("character", "profile", "memories", "session") if parts[name])
    messages = (
        PromptMessage("system", system),
        *(PromptMessage(each.role, neutral(each.text)) for each in chosen.messages),
    )
    prompt = Prompt(messages, max_tokens=traits.reply_tokens)
    return Built(prompt, _receipt(scene, traits, budget, parts, chosen))


def _said(scene: Scene) -> list[str]:
    """The person's own messages, the newest first."""
    return [each.text for each in reversed(scene.history) if each.role == "user"]


def _fixed_parts(scene: Scene, phrases: Phrases) -> dict[str, str]:
    """The parts that are never shortened. Marks are made harmless last: a name may complete one of the card's."""
    name = one_line(scene.profile.display_name, LONGEST_NAME)
    character = neutral(scene.system_prompt.replace(_PERSON, name))
    if scene.greeting:
        character += "\n\n" + phrases.greeting.format(quoted(scene.greeting.replace(_PERSON, name)))
    profile = [phrases.name.format(quoted(name))]
    if scene.profile.gender is not None:
        profile.append(phrases.gender[scene.profile.gender])
    profile.append(phrases.language.format(scene.profile.language))
    session = [phrases.relationship[scene.relationship_type], phrases.mood[scene.mood_preference]]
    return {
        "character": character,
        "profile": "\n".join(profile),
        "session": "\n".join([*session, "", phrases.reply_in]),
    }


def _memory_part(memories: Sequence[Recalled], phrases: Phrases) -> str:
    """Facts as quoted lines under a heading that says that they are no instructions; in a stable order."""
    if not memories:
        return ""
    by_age = sorted(memories, key=lambda each: each.memory.id)
    return "\n".join([phrases.memories, *(_memory_line(each) for each in by_age)])


def _memory_line(recalled: Recalled) -> str:
    return f"- {quoted(recalled.memory.content)}"


# --- what fits -------------------------------------------------------------------------------------


def _choose(scene: Scene, phrases: Phrases, budget: _Budget, room: int) -> _Chosen:
    """Decide what of the memories and the past goes in; raises PromptTooLong if the newest message does not fit.

    When not everything fits, memories beyond their share go first, the least worth telling before the others; then
    long messages of the past are cut in the middle; then all memories that are not pinned go; and only then messages,
    the oldest first.
    """
    *past, newest = scene.history[-WINDOW:]
    room -= budget.of(newest.text)
    if room < 0:
        raise PromptTooLong
    costs = _memory_costs(scene.memories, phrases, budget, room)
    share = min(room, int(budget.total * MEMORY_SHARE))
    past = _fitting(past, budget, room - _spent(costs, share))
    pinned = sum(each.memory.pinned for each in scene.memories)
    messages = _newest_of(past, budget, room - _spent(costs[:pinned], share))
    room -= sum(budget.of(each.text) for each in messages)
    told = len(_taken(costs, room))
    return _Chosen(list(scene.memories[:told]), [*messages, newest])


def _memory_costs(memories: Sequence[Recalled], phrases: Phrases, budget: _Budget, room: int) -> list[int]:
    """Tokens of each line, the heading with the first; of no more than the first that is beyond the room."""
    costs: list[int] = []
    for each in memories:
        costs.append(budget.of(_memory_line(each)) + (0 if costs else budget.of(phrases.memories)))
        room -= costs[-1]
        if room < 0:
            break
    return costs


def _taken(costs: Sequence[int], room: int) -> Sequence[int]:
    """The first costs that fit in the room together."""
    sums = accumulate(costs)
    return costs[: sum(1 for _ in takewhile(lambda spent: spent <= room, sums))]


def _spent(costs: Sequence[int], room: int) -> int:
    return sum(_taken(costs, room))


def _fitting(past: Sequence[Message], budget: _Budget, room: int) -> list[Message]:
    """The past as it is if it fits, else with its long messages cut in the middle."""
    if sum(budget.of(each.text) for each in past) <= room:
        return list(past)
    return [replace(each, text=middle_cut(each.text, LONG_MESSAGE)) for each in past]


def _newest_of(past: Sequence[Message], budget: _Budget, room: int) -> list[Message]:
    """The newest messages that fit in the room together, in time order."""
    costs = [budget.of(each.text) for each in reversed(past)]
    return list(past[len(past) - len(_taken(costs, room)) :])


# --- the receipt -----------------------------------------------------------------------------------


def _receipt(scene: Scene, traits: ModelTraits, budget: _Budget, parts: dict[str, str], chosen: _Chosen) -> Receipt:
    said = sum(budget.of(each.text) for each in chosen.messages)
    sections = (
        Section("character", budget.of(parts["character"])),
        Section("profile", budget.of(parts["profile"])),
        Section("memories", budget.of(parts["memories"])),
        Section("session", budget.of(parts["session"])),
        Section("messages", said),
    )
    return Receipt(
        model=traits.name,
        budget_tokens=budget.total,
        estimated_tokens=sum(each.tokens for each in sections),
        sections=sections,
        memories=_memory_entries(scene, budget, chosen),
        messages=_message_entries(scene, budget, chosen),
    )


def _memory_entries(scene: Scene, budget: _Budget, chosen: _Chosen) -> tuple[Entry, ...]:
    told: set[MemoryId] = {each.memory.id for each in chosen.memories}
    return tuple(
        Entry(
            each.memory.id,
            each.memory.id in told,
            budget.of(each.memory.content),
            "budget" if each.memory.id not in told else "pinned" if each.memory.pinned else "relevant",
        )
        for each in scene.memories
    )


def _message_entries(scene: Scene, budget: _Budget, chosen: _Chosen) -> tuple[Entry, ...]:
    shown: dict[MessageId, str] = {each.id: each.text for each in chosen.messages}
    return tuple(
        Entry(
            each.id,
            each.id in shown,
            budget.of(shown.get(each.id, each.text)),
            "budget" if each.id not in shown else "recent" if shown[each.id] == each.text else "shortened",
        )
        for each in scene.history[-WINDOW:]
    )


# --- going on after a break --------------------------------------------------------------------------


def continuation(prompt: Prompt, said: str, language: str) -> Prompt:
    """Ask to go on from where a reply broke off: the text so far as the assistant's, then a request to continue.

    What has been said takes its tokens from the rest of the reply, so that both fit the model as one would have.
    """
    rest = None if prompt.max_tokens is None else max(prompt.max_tokens - estimated_tokens(said, 1.0), LEAST_REPLY)
    begun = PromptMessage("assistant", neutral(said))
    go_on = PromptMessage("user", phrases_of(language).go_on)
    return replace(prompt, messages=(*prompt.messages, begun, go_on), max_tokens=rest)


def learnt_scale(scale: float, estimated: int, counted: int | None) -> float:
    """The token scale after a provider counted a prompt: a moving average of what is sane to believe."""
    if not counted or not estimated:
        return scale
    observed = scale * counted / estimated
    return 0.8 * scale + 0.2 * min(max(observed, LEAST_SCALE), MOST_SCALE)
