import json

import pytest

from parley.features.completions.core import failed, invalid, unknown_model
from parley.features.completions.wire.errors import every_error, told
from parley.kernel import errors
from parley.kernel.errors import AppError
from parley.kernel.ports import ModelFailed


def test_every_error_has_openais_shape_and_says_what_to_do() -> None:
    for error in every_error(takes_body=True):
        body = json.loads(error.body)
        assert set(body) == {"error"}
        assert set(body["error"]) == {"message", "type", "param", "code"}
        assert body["error"]["message"].endswith(".")
        assert error.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (invalid("n", "n must be 1."), 400, "invalid_request_error", "invalid_value"),
        (unknown_model("x"), 404, "invalid_request_error", "model_not_found"),
        (errors.Unauthorized(), 401, "invalid_request_error", "invalid_api_key"),
        (errors.RateLimited(7), 429, "requests", "rate_limit_exceeded"),
        (errors.PayloadTooLarge(), 413, "invalid_request_error", "request_too_large"),
        (errors.NotFound(), 404, "invalid_request_error", "not_found"),
        (errors.MethodNotAllowed(), 405, "invalid_request_error", "method_not_allowed"),
        (errors.ServiceUnavailable(), 503, "server_error", "service_unavailable"),
        (AppError(), 500, "server_error", "internal_error"),
        (errors.Conflict(), 500, "server_error", "internal_error"),
        (failed(ModelFailed("rate")), 429, "requests", "rate_limit_exceeded"),
        (failed(ModelFailed("auth")), 502, "server_error", "provider_refused"),
        (failed(ModelFailed("server")), 502, "server_error", "provider_failed"),
        (failed(ModelFailed("connect")), 503, "server_error", "provider_unavailable"),
        (failed(ModelFailed("bad_request", is_too_long=True)), 400, "invalid_request_error", "context_length_exceeded"),
    ],
)
def test_each_error_has_its_status_type_and_code(error: AppError, status: int, kind: str, code: str) -> None:
    answer = told(error)
    body = json.loads(answer.body)["error"]
    assert (answer.status, body["type"], body["code"]) == (status, kind, code)


def test_who_may_come_again_is_told_when_and_who_may_not_is_told_so() -> None:
    assert told(errors.RateLimited(7)).headers["Retry-After"] == "7"
    assert told(failed(ModelFailed("breaker", retry_after=2.5))).headers["Retry-After"] == "3"
    assert "Retry-After" not in told(failed(ModelFailed("server"))).headers
    assert told(failed(ModelFailed("bad_request"))).headers["X-Should-Retry"] == "false"
    assert told(errors.Unauthorized()).headers["WWW-Authenticate"] == "Bearer"
