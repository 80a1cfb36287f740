"""The system prompt of a character, put together from the texts of its card."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from parley.features.characters.core.macros import named, plain_macros, with_original
from parley.features.characters.core.rejection import CardRejected

MAX_PROMPT: Final = 64_000
"""Characters. The longest cards seen have about 40,000; a longer one leaves no room for a dialogue."""


@dataclass(frozen=True, slots=True)
class PersonaTexts:
    """What a card says of its character, field by field (card specification V2)."""

    system_prompt: str
    description: str
    personality: str
    scenario: str
    examples: str
    post_history_instructions: str


_OPENING: Final = {
    "en": "You are {{char}}, talking with {{user}}. Stay in character. Write only {{char}}'s words and actions, "
    "never {{user}}'s.",
    "ru": "Ты — {{char}}, твой собеседник — {{user}}. Оставайся в образе. Пиши только свои слова и действия, "
    "никогда не пиши за собеседника.",
}
_HEADINGS: Final = {
    "en": {"personality": "Personality", "scenario": "Scenario", "examples": "How {{char}} speaks"},
    "ru": {"personality": "Характер", "scenario": "Обстоятельства", "examples": "Как говорит {{char}}"},
}


def system_prompt(texts: PersonaTexts, name: str, language: str | None) -> str:
    """All that makes the character, with its name in place and `{{user}}` left for the prompt's author.

    A card's own `system_prompt` replaces Parley's opening; `{{original}}` in it brings the opening back.
    """
    tongue: Literal["en", "ru"] = "ru" if (language or "").lower().startswith("ru") else "en"
    parts = (
        with_original(plain_macros(texts.system_prompt), _OPENING[tongue]) or _OPENING[tongue],
        plain_macros(texts.description),
        *_headed(texts, _HEADINGS[tongue]),
        with_original(plain_macros(texts.post_history_instructions), ""),
    )
    prompt = named("\n\n".join(part.strip() for part in parts if part.strip()), name)
    if len(prompt) > MAX_PROMPT:
        raise CardRejected(f"the texts of the card have {len(prompt):,} characters, at most {MAX_PROMPT:,} are taken")
    return prompt


def _headed(texts: PersonaTexts, headings: Mapping[str, str]) -> list[str]:
    bodies = {
        "personality": plain_macros(texts.personality),
        "scenario": plain_macros(texts.scenario),
        "examples": plain_macros(texts.examples),
    }
    return [f"{headings[key]}:\n{body.strip()}" for key, body in bodies.items() if body.strip()]
