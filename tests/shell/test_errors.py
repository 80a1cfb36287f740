"""How errors look over HTTP."""

import json

import pytest

from parley.kernel import errors
from parley.kernel.errors import AppError, LimitState
from parley.shell.errors import STATUS, error_body, error_headers
from support.app import AppUnderTest

EVERY: list[type[AppError]] = [AppError, *AppError.__subclasses__()]
SPEC = {
    "unauthorized": 401, "character_not_found": 404, "premium_required": 403, "daily_limit_exceeded": 429,
    "invalid_input": 400, "llm_error": 502, "rate_limit": 429,
}  # fmt: skip


def test_every_error_has_a_status_and_no_status_is_for_nothing() -> None:
    assert set(STATUS) == set(EVERY)


def test_the_specs_codes_keep_their_statuses() -> None:
    assert {kind.code: status for kind, status in STATUS.items()}.items() >= SPEC.items()


def test_a_body_has_the_code_one_sentence_and_the_details() -> None:
    limits = LimitState(0, 50, "2025-01-02T00:00:00Z")
    assert json.loads(error_body(errors.DailyLimitExceeded(limits), "ru")) == {
        "error": "daily_limit_exceeded",
        "message": "Дневной лимит 50 сообщений исчерпан",
        "limits": {"remaining": 0, "total": 50, "resets_at": "2025-01-02T00:00:00Z"},
    }
    assert json.loads(error_body(errors.InvalidInput("q"), "en"))["field"] == "q"
    assert set(json.loads(error_body(AppError("secret"), "en"))) == {"error", "message"}


def test_what_a_clients_library_reads_is_in_the_headers() -> None:
    assert error_headers(errors.RateLimited(7)) == {"Retry-After": "7"}
    assert error_headers(errors.ServiceUnavailable(9)) == {"Retry-After": "9"}
    assert error_headers(errors.Unauthorized()) == {"WWW-Authenticate": "tma"}
    assert error_headers(errors.Conflict()) == {}


@pytest.mark.parametrize("path", ["/api/nowhere", "/nowhere", "/api", "/characters/x", "/pages/x"])
async def test_nowhere_is_told_like_any_error(sqlite_app: AppUnderTest, path: str) -> None:
    answer = await sqlite_app.person(language="en").get(path)
    assert (answer.status, answer.json["error"]) == (404, "not_found")
    assert answer.headers["Content-Type"] == "application/json"


async def test_a_wrong_method_is_told_with_those_that_are_right(sqlite_app: AppUnderTest) -> None:
    await sqlite_app.character("Кира")
    answer = await sqlite_app.person().call("PUT", "/api/chats/1/messages")
    assert (answer.status, answer.json["error"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


async def test_options_names_every_method_of_a_path(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for path, methods in (
        ("/api/chats/1/messages", "GET, OPTIONS, POST"),
        ("/api/chats/1/memories", "DELETE, GET, OPTIONS, POST"),
        ("/api/chats/1/messages/1", "DELETE, OPTIONS, PATCH"),
        ("/livez", "GET, OPTIONS"),
    ):
        answer = await anya.call("OPTIONS", path)
        assert (answer.status, answer.text, answer.headers["Allow"]) == (204, "", methods)
