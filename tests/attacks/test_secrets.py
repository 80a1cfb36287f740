"""What must stay inside: a conversation full of marks, with everything going wrong, and the marks nowhere else."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import init_data_py
import pytest
from init_data_py import UnsignedInitData, User

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.features.characters.core import read_card
from parley.features.characters.service import Cards
from support.app import Answer, Someone, card_of
from support.fake_answers import Fault
from support.fake_provider import FakeProvider
from support.process import ServerProcess, serving

MARK = "C4N4RY"
TOKEN = f"42:{MARK}TOKEN"
FAULTS = (
    Fault.SERVER_ERROR, Fault.UNAUTHORIZED, Fault.NOT_FOUND, Fault.BAD_REQUEST, Fault.RATE_LIMIT, Fault.DISCONNECT,
    Fault.HTML, Fault.ERROR_DOCUMENT, Fault.BROKEN_JSON, Fault.ERROR_FIRST, Fault.ERROR_IN_STREAM, Fault.CUT,
    Fault.CUT_BEFORE_TEXT, Fault.EMPTY, Fault.FILTERED, Fault.REDIRECT,
)  # fmt: skip


@asynccontextmanager
async def server(folder: Path, provider: FakeProvider, level: str) -> AsyncIterator[ServerProcess]:
    """`parley serve` with one character and marks in every secret."""
    url = f"sqlite:///{folder}/{MARK}-folder/parley.db"
    db = await open_database(url, SystemClock())
    await Cards(db, SystemClock()).put(read_card(card_of("Кира", system_prompt=f"{MARK}PERSONA")))
    await db.close()
    environment = {
        "PARLEY_BOT_TOKEN": TOKEN,
        "PARLEY_DATABASE_URL": url,
        "PARLEY_LLM_BASE_URL": provider.base_url,
        "PARLEY_LLM_API_KEY": f"{MARK}KEY",
        "PARLEY_LLM_MODEL": "fake-model",
        "PARLEY_LOG_LEVEL": level,
        "PARLEY_RATE_LIMITS": "off",
    }
    async with serving(environment, folder / "log") as process:
        yield process


def someone(session: aiohttp.ClientSession, process: ServerProcess, token: str = TOKEN) -> Someone:
    user = User(id=7, first_name=f"{MARK}NAME", username=f"{MARK}USER", language_code="ru")
    unsigned = UnsignedInitData(user=user, query_id=f"{MARK}QUERY")
    return Someone(session, process.base_url, init_data_py.sign(unsigned, token))


async def conversation(anya: Someone, provider: FakeProvider) -> None:
    """Say, remember and break as much as there is; answers of this kind may quote what the person wrote."""
    await anya.patch("/api/users/profile", {"display_name": f"{MARK}DISPLAY"})
    await anya.post("/api/chats/1/memories", {"content": f"{MARK}FACT", "memory_type": "fact"})
    provider.reply = f"{MARK}REPLY said at length"
    async with anya.socket(1) as socket:
        await socket.send("send_message", message=f"{MARK}TEXT", client_id=f"{MARK}CLIENT")
        await socket.until("message.complete")
    await anya.post("/api/chats/1/regenerate", headers={"Accept": "text/event-stream"})
    for fault in FAULTS:
        provider.will(fault)
        await anya.says(1, f"{MARK}TEXT", {"Idempotency-Key": f"{MARK}-{fault}"})


def malformed(anya: Someone) -> Iterator[tuple[str, str, bytes | None, dict[str, str]]]:
    """Requests that are refused, with marks where answers and logs could quote them."""
    yield "POST", "/api/chats/1/messages", f'{{"message": "{MARK}'.encode(), {}
    yield "POST", "/api/chats/1/messages", f'{{"message": ["{MARK}"]}}'.encode(), {}
    yield "POST", "/api/chats/1/messages", f'{{"message": "{MARK * 1000}"}}'.encode(), {}
    yield "POST", "/api/chats/1/messages", (MARK * 20_000).encode(), {}
    yield "POST", "/api/chats/1/memories", f'{{"content": "x", "memory_type": "{MARK}"}}'.encode(), {}
    yield "PATCH", "/api/users/profile", f'{{"language": "!{MARK}"}}'.encode(), {}
    yield "GET", f"/api/chats/{MARK}/messages", None, {}
    yield "GET", f"/api/chats/1/messages?limit={MARK}", None, {}
    yield "GET", f"/api/characters?sort={MARK}", None, {}
    yield "GET", f"/{MARK}/nowhere", None, {}
    yield "GET", f"/pages/{MARK}.css", None, {}
    yield "DELETE", f"/api/chats/1/memories/{MARK}", None, {}
    yield "PUT", f"/api/chats/1/session?x={MARK}", None, {}
    yield "GET", "/api/users/profile", None, {"API-Version": MARK}
    yield "POST", "/api/users/confirm-adult", b"{}", {"Idempotency-Key": f"{MARK}\u00e9"}
    yield "GET", "/api/users/profile", None, {"Authorization": f"tma {anya.init_data}x"}
    yield "GET", "/api/users/profile", None, {"Authorization": f"Bearer {MARK}"}


async def refusals(anya: Someone) -> list[Answer]:
    answers = [
        await anya.call(method, path, raw=body, headers=headers) for method, path, body, headers in malformed(anya)
    ]
    assert all(400 <= answer.status < 500 for answer in answers), [answer.status for answer in answers]
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
async def test_no_text_key_token_or_init_data_leaves_by_a_side_door(tmp_path: Path, level: str) -> None:
    async with FakeProvider() as provider, aiohttp.ClientSession() as session:
        async with server(tmp_path, provider, level) as process:
            anya = someone(session, process)
            await conversation(anya, provider)
            told = [f"{answer.headers} {answer.text}" for answer in await refusals(anya)]
            async with someone(session, process, "42:other").socket(1) as refused:
                told.append(repr(await refused.next()))
            for path in ("/metrics", "/schema/openapi.json", "/readyz", "/", "/schema"):
                told.append((await anya.get(path)).text)  # noqa: PERF401  one after the other
            lines = process.entries()
        log = (tmp_path / "log").read_text(encoding="utf-8")
    assert any(exchange.headers.get("authorization", "").endswith(f"{MARK}KEY") for exchange in provider.exchanges)
    assert len([line for line in lines if line["event"] == "request"]) > len(FAULTS)
    assert any(line["event"] == "model_failed" for line in lines)
    assert MARK not in log
    assert init_data_hash(anya) not in log
    assert not [text for text in told if MARK in text]


def init_data_hash(of: Someone) -> str:
    return of.init_data.rpartition("hash=")[2].partition("&")[0]
