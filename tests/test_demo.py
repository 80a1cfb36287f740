"""What the demo adds to the product: a person who is signed in, on this machine alone."""

from typing import Any, cast

import pytest
from litestar import Request, Response
from litestar.datastructures import State
from litestar.types import HTTPScope

from parley import demo
from parley.adapters.chance import SystemChance
from parley.adapters.llm.embedded import TRAITS
from parley.kernel.errors import NotFound


def init_data_for(host: str, **environment: str) -> Response[Any]:
    """The answer to a browser that calls this machine so."""
    (route,) = demo.routes(demo.settings_for(environment, SystemChance()))
    scope = cast("HTTPScope", {"type": "http", "headers": [(b"host", host.encode())]})
    request: Request[None, None, State] = Request(scope)
    return cast("Response[Any]", route.fn(request))


def test_the_demo_tells_when_the_embedded_model_answers() -> None:
    assert init_data_for("localhost:8080").headers["X-Parley-Model"] == TRAITS.name


def test_the_demo_does_not_tell_of_a_provider() -> None:
    answer = init_data_for("127.0.0.1:8080", PARLEY_LLM_BASE_URL="http://127.0.0.1:1/v1", PARLEY_LLM_MODEL="модель")
    assert "X-Parley-Model" not in answer.headers


def test_init_data_is_never_cached() -> None:
    assert init_data_for("[::1]:8080").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", "", "0.0.0.0", "[::1", "]["]
)
def test_a_page_that_calls_this_machine_by_another_name_gets_nothing(host: str) -> None:
    with pytest.raises(NotFound):
        init_data_for(host)


def test_a_demo_that_others_can_reach_signs_nobody_in() -> None:
    settings = demo.settings_for({"PARLEY_HOST": "0.0.0.0"}, SystemChance())
    assert demo.routes(settings) == []
