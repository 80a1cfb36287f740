"""Which members of a request a provider understands. Learnt from its refusals, remembered as long as we run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from parley.adapters.llm.wire import ChatRequest, StreamOptions
from parley.kernel.ports import CompletionRequest, Prompt


@dataclass(frozen=True, slots=True)
class Dialect:
    """The form of requests to one provider."""

    usage_in_streams: bool = True
    """Whether ``stream_options`` may be sent."""
    old_max_tokens: bool = True
    """Whether the bound is called ``max_tokens``; newer models of OpenAI want ``max_completion_tokens``."""
    temperature: bool = True
    is_proven: bool = False
    """Whether the provider has accepted a request of this form."""

    def request(self, model: str, prompt: Prompt, logit_bias: Mapping[str, float]) -> ChatRequest:
        """The prompt as this provider takes it."""
        return ChatRequest(
            model=model,
            stream=True,
            messages=prompt.messages,
            stream_options=StreamOptions() if self.usage_in_streams else None,
            max_tokens=prompt.max_tokens if self.old_max_tokens else None,
            max_completion_tokens=None if self.old_max_tokens else prompt.max_tokens,
            temperature=prompt.temperature if self.temperature else None,
            stop=prompt.stop or None,
            logit_bias=logit_bias or None,
        )

    def passed(
        self, model: str, asked: CompletionRequest, logit_bias: Mapping[str, float], *, is_stream: bool
    ) -> ChatRequest:
        """Parley's side of a request that is passed on, as this provider takes it; the caller's members follow it."""
        return ChatRequest(
            model=model,
            stream=is_stream,
            n=asked.choices if asked.choices > 1 else None,
            stream_options=StreamOptions() if is_stream and self.usage_in_streams else None,
            max_tokens=asked.max_tokens if self.old_max_tokens else None,
            max_completion_tokens=None if self.old_max_tokens else asked.max_tokens,
            temperature=asked.temperature if self.temperature else None,
            logit_bias=logit_bias or None,
        )

    def proven(self) -> "Dialect":
        """The same, now known to be understood."""
        return self if self.is_proven else replace(self, is_proven=True)

    def after_refusal(self, sent: ChatRequest, answer: str) -> "Dialect | None":
        """What to try after a 400 or 422; None when the fault lies elsewhere.

        A refusal that names nothing is put down to ``stream_options`` until the provider has taken them once.
        """
        if sent.stream_options is not None and "stream_options" in answer:
            return replace(self, usage_in_streams=False)
        if sent.max_tokens is not None and "max_completion_tokens" in answer:
            return replace(self, old_max_tokens=False)
        if sent.temperature is not None and "temperature" in answer:
            return replace(self, temperature=False)
        if sent.stream_options is not None and not self.is_proven:
            return replace(self, usage_in_streams=False)
        return None
