"""Decisions of the OpenAI-compatible API."""

from parley.features.completions.core.models import DEFAULT, ModelCard, character_model, character_of
from parley.features.completions.core.persona import Line, persona_messages
from parley.features.completions.core.refusals import Refused, check_choices, failed, invalid, too_long, unknown_model
from parley.features.completions.core.usage import estimated

__all__ = [
    "DEFAULT",
    "Line",
    "ModelCard",
    "Refused",
    "character_model",
    "character_of",
    "check_choices",
    "estimated",
    "failed",
    "invalid",
    "persona_messages",
    "too_long",
    "unknown_model",
]
