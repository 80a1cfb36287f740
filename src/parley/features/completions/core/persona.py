"""What a model is told when a character answers another service: the persona, and no person's memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from parley.features.characters.core import Character
from parley.features.completions.core.refusals import invalid, too_long
from parley.features.prompts.core.foreign import estimated_tokens, neutral, quoted
from parley.features.prompts.core.languages import reply_language
from parley.features.prompts.core.phrases import phrases_of
from parley.kernel.ports import ModelTraits, PromptMessage

_SOMEBODY: Final = {"ru": "собеседник", "en": "the user"}
"""Stands for `{{user}}`: nobody knows who is on the other side."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the dialogue that a service brings, as plain text."""

    role: Literal["system", "user", "assistant"]
    text: str


def persona_messages(character: Character, dialogue: Sequence[Line], traits: ModelTraits) -> list[PromptMessage]:
    """The persona, then the dialogue, without its oldest lines if not all fit. Raises Refused if the newest does not.

    What the service itself says as `system` is added to the persona: models take one such message, the first.
    """
    system = _system(character, dialogue)
    spoken = [PromptMessage(line.role, neutral(line.text)) for line in dialogue if line.role != "system"]
    if not spoken:
        raise invalid("messages", "messages must hold something to answer: one of the role user.")
    room = traits.context_tokens - traits.reply_tokens - estimated_tokens(system, 1.0)
    return [PromptMessage("system", system), *_newest(spoken, room)]


def _system(character: Character, dialogue: Sequence[Line]) -> str:
    # A card that names no language is written in one.
    own = character.language or reply_language([character.system_prompt, character.greeting], "ru")
    tongue: Literal["ru", "en"] = "ru" if own.lower().startswith("ru") else "en"
    said = [line.text for line in reversed(dialogue) if line.role == "user"]
    phrases = phrases_of(reply_language(said, own))
    somebody = _SOMEBODY[tongue]
    parts = [neutral(character.system_prompt.replace("{{user}}", somebody))]
    if character.greeting:
        parts.append(phrases.greeting.format(quoted(character.greeting.replace("{{user}}", somebody))))
    parts += [neutral(line.text) for line in dialogue if line.role == "system"]
    return "\n\n".join([*parts, phrases.reply_in])


def _newest(spoken: Sequence[PromptMessage], room: int) -> list[PromptMessage]:
    """The newest messages that fit in the room together, in their order."""
    kept: list[PromptMessage] = []
    for message in reversed(spoken):
        room -= estimated_tokens(message.content, 1.0)
        if room < 0:
            break
        kept.append(message)
    if not kept:
        raise too_long()
    return kept[::-1]
