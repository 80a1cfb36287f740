"""``GET /models``."""

from typing import Annotated, Literal

from msgspec import Struct

from parley.features.completions.core import ModelCard
from parley.kernel.openapi import schema

OWNER = "parley"


class ModelAnswer(Struct):
    """A model that may be asked."""

    id: Annotated[str, schema(examples=["default"])]
    object: Literal["model"]
    created: Annotated[int, schema(minimum=0, examples=[1735732800])]
    owned_by: Annotated[str, schema(examples=[OWNER])]


class ModelsAnswer(Struct):
    """All models that this key may ask."""

    object: Literal["list"]
    data: list[ModelAnswer]


def model_answer(card: ModelCard) -> ModelAnswer:
    """A model."""
    return ModelAnswer(card.id, "model", card.created, OWNER)
