"""The OpenAPI document is a valid one, complete, and true of every route."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from litestar.routes import HTTPRoute

from parley.kernel.errors import AppError
from parley.shell.errors import STATUS
from support.app import AppUnderTest
from support.fuzzing import furnish, fuzz
from support.routes import ROUTES

Json = dict[str, Any]


@pytest.fixture
async def document(sqlite_app: AppUnderTest) -> Json:
    answer = await sqlite_app.person().get("/schema/openapi.json")
    found: Json = answer.json
    return found


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def resolved(document: Json, schema: Json) -> Json:
    """The schema in one with all components, so that references lead somewhere."""
    return {**schema, "components": document["components"]}


async def test_the_document_is_valid_openapi_3_1(document: Json) -> None:
    schemathesis.openapi.from_dict(document).validate()
    assert document["openapi"].startswith("3.1")


async def test_every_route_of_the_application_is_in_it(sqlite_app: AppUnderTest, document: Json) -> None:
    served = {
        (method, route.path_format)
        for route in sqlite_app.parley.edge.app.routes  # type: ignore[attr-defined]  # Litestar behind an ASGI callable
        if isinstance(route, HTTPRoute)
        for method in route.methods - {"OPTIONS"}
    }
    assert served == {(method, path) for method, path, _ in operations(document)}
    known = {(route.method, route.path.partition("?")[0]) for route in ROUTES}
    assert known == {(method, path) for method, path, _ in operations(document) if path.startswith("/api/")}


async def test_every_operation_has_words_and_a_name_of_its_own(document: Json) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for method, path, operation in operations(document):
        assert operation["summary"], path
        assert operation["tags"], path
        in_path = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", path)), (method, path)


async def test_every_status_an_operation_may_answer_is_told(document: Json) -> None:
    for method, path, operation in operations(document):
        statuses = set(operation["responses"])
        if not path.startswith("/api/"):
            continue
        wanted = {"200", "400", "413", "429", "500", "503"}
        wanted |= set() if operation["security"] == [] else {"401"}
        wanted |= {"403", "404"} if "{character_id}" in path else set()
        wanted |= {"409"} if method == "POST" else set()
        wanted |= {"502"} if path.endswith(("}/messages", "/regenerate")) and method == "POST" else set()
        assert wanted <= statuses, (method, path)


def in_openais_words(operation: Json) -> bool:
    return "OpenAI-compatible" in operation["tags"]


async def test_errors_are_told_by_code_with_an_example_that_fits(document: Json) -> None:
    kinds: list[type[AppError]] = list(STATUS)
    by_code = {kind.code: kind for kind in kinds}
    for _, path, operation in operations(document):
        if in_openais_words(operation):
            continue
        for status, answer in operation["responses"].items():
            if status == "200":
                continue
            media = answer["content"]["application/json"]
            assert set(answer["description"].replace("`", "").split(", ")) == set(media["examples"])
            for code, example in media["examples"].items():
                assert STATUS[by_code[code]] == int(status), path
                assert example["value"]["error"] == code
                jsonschema_rs.validate(resolved(document, media["schema"]), example["value"])


async def test_errors_in_openais_words_are_told_by_code_too(document: Json) -> None:
    seen = 0
    for method, _, operation in operations(document):
        if not in_openais_words(operation):
            continue
        wanted = {"401", "404", "429", "500", "503"} | ({"400", "413", "502"} if method == "POST" else set())
        assert set(operation["responses"]) == {"200", *wanted}
        assert operation["security"] == [{"serviceKey": []}]
        for status in wanted:
            media = operation["responses"][status]["content"]["application/json"]
            for code, example in media["examples"].items():
                assert example["value"]["error"]["code"] == code
                jsonschema_rs.validate(resolved(document, media["schema"]), example["value"])
                seen += 1
    assert seen > 50


async def test_who_may_come_in_is_told_by_scheme(document: Json) -> None:
    assert set(document["components"]["securitySchemes"]) == {"initData", "serviceKey"}
    for _, path, operation in operations(document):
        if path.startswith("/users/"):
            assert operation["security"] == [{"serviceKey": []}]
            assert {"401", "404", "429", "500", "503"} <= set(operation["responses"])


async def test_every_body_and_answer_has_an_example_that_fits_its_schema(document: Json) -> None:
    for method, path, operation in operations(document):
        media = [operation["responses"]["200"].get("content", {}).get("application/json")]
        media += [operation.get("requestBody", {}).get("content", {}).get("application/json")]
        for each in filter(None, media):
            if path.startswith("/api/") or "serviceKey" in str(operation["security"]):
                assert "example" in each, (method, path)
                jsonschema_rs.validate(resolved(document, each["schema"]), each["example"])


async def test_every_answer_tells_its_headers(document: Json) -> None:
    for method, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            assert {"API-Version", "X-Request-Id"} <= set(answer["headers"]), (method, path)
            if status == "503":
                assert answer["headers"]["Retry-After"]["required"]
            if status == "429":
                assert "Retry-After" in answer["headers"]


IN_OPENAIS_WORDS = {
    "AnswerChoice", "AnswerMessage", "ChatAnswer", "ChatBody", "ChatMessage", "ContentPart", "EmbeddingsAnswer",
    "EmbeddingsBody", "EmbeddingsUsage", "ModelAnswer", "ModelsAnswer", "StreamOptions", "Usage", "VectorAnswer",
}  # fmt: skip


async def test_no_shape_takes_or_gives_members_it_does_not_name(document: Json) -> None:
    """But for what services ask and hear in OpenAI's words: there, what is not named is ignored."""
    for name, shape in document["components"]["schemas"].items():
        assert shape["additionalProperties"] is (name in IN_OPENAIS_WORDS), name
        assert re.fullmatch(r"[A-Za-z]+", name)


async def test_what_the_document_says_of_parameters_is_what_the_server_does(
    sqlite_app: AppUnderTest, document: Json
) -> None:
    """The bounds of every query parameter, from both sides."""
    anya = sqlite_app.person()
    await sqlite_app.character("Кира")
    for method, path, operation in operations(document):
        for parameter in operation["parameters"]:
            if parameter["in"] != "query" or parameter["schema"]["type"] != "integer":
                continue
            schema, name = parameter["schema"], parameter["name"]
            url = path.format(character_id=1) + ("?q=x&" if path.endswith("search") else "?")
            for value in (schema["minimum"], schema["maximum"]):
                assert (await anya.call(method, f"{url}{name}={value}")).status == 200, (path, name, value)
            for value in (schema["minimum"] - 1, schema["maximum"] + 1):
                refused = await anya.call(method, f"{url}{name}={value}")
                assert (refused.status, refused.json["field"]) == (400, name)


@pytest.mark.slow
async def test_no_request_made_from_the_document_gets_an_answer_it_does_not_tell(
    sqlite_app: AppUnderTest, tmp_path: Path
) -> None:
    anya = await furnish(sqlite_app)
    fuzzed = await fuzz(sqlite_app, anya, tmp_path, "--generation-deterministic", "--max-examples", "30")
    assert fuzzed.is_clean, fuzzed.report
    assert "No issues found" in fuzzed.report


async def test_the_document_is_the_same_each_time_and_small(sqlite_app: AppUnderTest) -> None:
    first, second = [(await sqlite_app.person().get("/schema/openapi.json")).text for _ in range(2)]
    assert first == second
    assert len(first) < 500_000
    assert json.loads(first)["info"]["title"] == "Parley"
