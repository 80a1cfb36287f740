from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.llm.failures import kind_of_error, kind_of_status, retry_after
from parley.adapters.llm.wire import ProviderError

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "auth"),
        (402, "auth"),
        (403, "auth"),
        (404, "not_found"),
        (400, "bad_request"),
        (413, "bad_request"),
        (422, "bad_request"),
        (418, "bad_request"),
        (408, "timeout"),
        (409, "server"),
        (429, "rate"),
        (500, "server"),
        (503, "server"),
        (529, "server"),
        (307, "protocol"),
        (204, "protocol"),
    ],
)
def test_every_status_has_a_kind(status: int, kind: str) -> None:
    assert kind_of_status(status) == kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("out of order", "server"),
        (ProviderError(), "server"),
        (ProviderError(code=429), "rate"),
        (ProviderError(code="401"), "auth"),
        (ProviderError(code=7), "server"),
        (ProviderError(code="9" * 4000), "server"),
        (ProviderError(code="²"), "server"),
        (ProviderError(code="rate_limit_exceeded"), "rate"),
        (ProviderError(type="invalid_request_error"), "bad_request"),
        (ProviderError(code="context_length_exceeded", type="server_error"), "bad_request"),
        (ProviderError(code="?", type="?"), "server"),
    ],
)
def test_every_error_in_a_body_has_a_kind(error: ProviderError | str, kind: str) -> None:
    assert kind_of_error(error) == kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "Retry-After": "9"}, 1.5),
        ({"retry-after-ms": "soon", "Retry-After": "9"}, 9.0),
        ({"Retry-After": "Mon, 05 Jan 2026 12:00:20 GMT"}, 20.0),
        ({"Retry-After": "Mon, 05 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "Mon, 05 Jan 2026 12:00:20 -0000"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "tomorrow"}, None),
        ({}, None),
    ],
)
def test_the_wait_a_provider_asks_for_is_understood(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@given(st.text(), st.text())
def test_no_header_whatsoever_breaks_it(milliseconds: str, told: str) -> None:
    wait = retry_after({"retry-after-ms": milliseconds, "Retry-After": told}, NOW)
    assert wait is None or wait >= 0
