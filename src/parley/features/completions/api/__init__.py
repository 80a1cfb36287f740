"""The routes of the OpenAI-compatible API, each with ``/v1`` and without."""

from parley.features.completions.api.routes import ChatApi, EmbeddingsApi, ModelsApi

__all__ = ["ChatApi", "EmbeddingsApi", "ModelsApi"]
