"""From what is known to what a model is asked, within its budget, with a receipt (spec «Формирование контекста LLM»).

The five parts stand in the spec's order: the character's system prompt, the person's profile, memories, session
settings, and the last eight messages with the new one as the eighth. The first four are one system message, what
changes least first, so that providers can reuse its beginning; its last line names the reply's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from parley.features.chats.core import Message
from parley.features.memories.core import Recalled
from parley.features.prompts.core.phrases import (
    estimated_tokens,
    middle_cut,
    neutral,
    phrases_of,
    quoted,
    reply_language,
)
from parley.kernel.ids import MessageId
from parley.kernel.ports import ModelTraits, Prompt, PromptMessage

WINDOW: Final = 8
"""Messages of the dialogue, the new one included (spec)."""
LONG_MESSAGE: Final = 1000
"""Characters that a message of the past keeps when the budget is short."""
MOST_MEMORY_SHARE: Final = 0.25
"""Of the budget, at most, for memories that are neither pinned nor all fit."""


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


@dataclass(slots=True)
class _Chosen:
    """What of the scene goes in, while it is being decided."""

    memories: list[Recalled] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    shortened: set[MessageId] = field(default_factory=set)


def build(scene: Scene, traits: ModelTraits, *, scale: float = 1.0) -> Built:
    """The prompt for the scene's newest message; raises PromptTooLong.

    ``scale``: tokens the provider counted over tokens estimated, learnt from earlier replies.
    """
    budget = _Budget(traits.context_tokens - traits.reply_tokens, scale)
    language = reply_language(_newest_text(scene), scene.profile.language)
    fixed = _fixed_parts(scene, language)
    chosen = _choose(scene, budget, budget.total - sum(map(budget.of, fixed.values())))
    parts = {**fixed, "memories": _memory_part(chosen.memories, language)}
    system = "\n\n".join(parts[name] for name in ("character", "profile", "memories", "session") if parts[name])
    messages = (
        PromptMessage("system", f"{system}\n\n{phrases_of(language).reply_in}"),
        *(PromptMessage(each.role, neutral(each.text)) for each in chosen.messages),
    )
    prompt = Prompt(messages, max_tokens=traits.reply_tokens)
    return Built(prompt, _receipt(scene, traits, budget, parts, chosen))


def _newest_text(scene: Scene) -> str:
    return next((each.text for each in reversed(scene.history) if each.role == "user"), "")


def _fixed_parts(scene: Scene, language: str) -> dict[str, str]:
    """The parts that are never shortened."""
    phrases = phrases_of(language)
    name = neutral(scene.profile.display_name)
    character = neutral(scene.system_prompt).replace("{{user}}", name)
    if scene.greeting:
        character += "\n\n" + phrases.greeting.format(quoted(scene.greeting.replace("{{user}}", name)))
    profile = [phrases.name.format(quoted(scene.profile.display_name))]
    if scene.profile.gender is not None:
        profile.append(phrases.gender[scene.profile.gender])
    profile.append(phrases.language.format(scene.profile.language))
    session = [phrases.relationship[scene.relationship_type], phrases.mood[scene.mood_preference]]
    return {"character": character, "profile": "\n".join(profile), "session": "\n".join(session)}


def _memory_part(memories: Sequence[Recalled], language: str) -> str:
    """Facts as quoted lines under a heading that says that they are no instructions; in a stable order."""
    if not memories:
        return ""
    by_age = sorted(memories, key=lambda each: each.memory.id)
    lines = [f"- {quoted(each.memory.content)}" for each in by_age]
    return "\n".join([phrases_of(language).memories, *lines])


# --- what fits -------------------------------------------------------------------------------------


def _choose(scene: Scene, budget: _Budget, room: int) -> _Chosen:
    """Fill the room: the newest message must fit, then memories up to their share, then the past, newest first.

    What remains goes to more memories. When the past does not fit whole, its long messages are cut in the middle.
    """
    *past, newest = scene.history[-WINDOW:]
    room -= budget.of(newest.text)
    if room < 0:
        raise PromptTooLong
    chosen = _Chosen(messages=[newest])
    share = min(room, int(budget.total * MOST_MEMORY_SHARE))
    spent = _take_memories(chosen, scene.memories, budget, share)
    room = _take_past(chosen, past, budget, room - spent)
    _take_memories(chosen, scene.memories[len(chosen.memories) :], budget, room)
    return chosen


def _take_memories(chosen: _Chosen, memories: Sequence[Recalled], budget: _Budget, room: int) -> int:
    spent = 0
    for each in memories:
        cost = budget.of(each.memory.content)
        if spent + cost > room:
            break
        chosen.memories.append(each)
        spent += cost
    return spent


def _take_past(chosen: _Chosen, past: Sequence[Message], budget: _Budget, room: int) -> int:
    """Take the past from its newest end; what room is left."""
    fits_whole = sum(budget.of(each.text) for each in past) <= room
    for each in reversed(past):
        shown = each if fits_whole else replace(each, text=middle_cut(each.text, LONG_MESSAGE))
        cost = budget.of(shown.text)
        if cost > room:
            break
        if shown.text != each.text:
            chosen.shortened.add(each.id)
        chosen.messages.insert(0, shown)
        room -= cost
    return room


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
    told = {each.memory.id for each in chosen.memories}
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
    shown = {each.id: budget.of(each.text) for each in chosen.messages}
    return tuple(
        Entry(
            each.id,
            each.id in shown,
            shown.get(each.id, budget.of(each.text)),
            "shortened" if each.id in chosen.shortened else "recent" if each.id in shown else "budget",
        )
        for each in scene.history[-WINDOW:]
    )


# --- going on after a break --------------------------------------------------------------------------


def continuation(prompt: Prompt, said: str, language: str) -> Prompt:
    """Ask to go on from where a reply broke off: the text so far as the assistant's, then a request to continue."""
    return replace(
        prompt,
        messages=(
            *prompt.messages,
            PromptMessage("assistant", said),
            PromptMessage("user", phrases_of(language).go_on),
        ),
    )


def learnt_scale(scale: float, estimated: int, counted: int | None) -> float:
    """The token scale after a provider counted a prompt: a moving average, kept within sane bounds."""
    if not counted or not estimated:
        return scale
    observed = scale * counted / estimated
    return min(max(0.8 * scale + 0.2 * observed, 0.5), 4.0)
