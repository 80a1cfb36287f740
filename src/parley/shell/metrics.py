"""What operators watch (`/metrics`, Prometheus). No ids of people or chats in labels."""

from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from parley.adapters.llm.observer import AttemptEnded

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


@dataclass(frozen=True, slots=True)
class Metrics:
    """One process's numbers. Also hears of every call to a model."""

    registry: CollectorRegistry
    requests: Histogram
    sockets: Gauge
    model_seconds: Histogram
    first_text: Histogram
    model_running: Gauge
    tokens: Counter
    loop_lag: Gauge

    @classmethod
    def fresh(cls) -> "Metrics":
        """All at zero, in a registry of their own."""
        registry = CollectorRegistry()
        return cls(
            registry,
            Histogram(
                "parley_http_request_duration_seconds",
                "Time to answer",
                ("route", "method", "code"),
                buckets=_SECONDS,
                registry=registry,
            ),
            Gauge("parley_ws_connections", "Open sockets", registry=registry),
            Histogram(
                "parley_generation_duration_seconds",
                "Calls to models",
                ("provider", "model", "outcome"),
                buckets=_SECONDS,
                registry=registry,
            ),
            Histogram(
                "parley_generation_time_to_first_token_seconds",
                "Time to a model's first text",
                ("provider", "model"),
                buckets=_SECONDS,
                registry=registry,
            ),
            Gauge("parley_generations_in_flight", "Calls to models under way", registry=registry),
            Counter("parley_tokens", "Tokens as providers count them", ("direction",), registry=registry),
            Gauge("parley_event_loop_lag_seconds", "How late the event loop woke up last", registry=registry),
        )

    def attempt_started(self, provider: int) -> None:
        """A call begins."""
        del provider
        self.model_running.inc()

    def attempt_ended(self, ended: AttemptEnded) -> None:
        """A call is over."""
        provider = str(ended.provider)
        self.model_running.dec()
        self.model_seconds.labels(provider, ended.model, ended.outcome).observe(ended.seconds)
        if ended.first_text_seconds is not None:
            self.first_text.labels(provider, ended.model).observe(ended.first_text_seconds)
        self.tokens.labels("prompt").inc(ended.prompt_tokens or 0)
        self.tokens.labels("completion").inc(ended.completion_tokens or 0)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
