"""The JSON of the OpenAI-compatible API."""
