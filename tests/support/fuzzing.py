"""Schemathesis against a running application: requests made from the OpenAPI document, answers held against it."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from support.app import AppUnderTest, Someone

_HOOKS = "support.fuzz_hooks"
_TESTS = Path(__file__).parent.parent
_NOT_HELD = "positive_data_acceptance"
"""What a schema cannot say is refused too: 5.0 where a whole number belongs, zones that do not exist."""


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """How a run ended."""

    is_clean: bool
    report: str


async def furnish(app: AppUnderTest) -> Someone:
    """Characters of each kind, and somebody with a subscription who has talked, regenerated and told facts."""
    anya = app.person()
    await anya.post("/api/users/confirm-adult", {"confirmed": True})
    await app.grant_premium(anya)
    characters = [
        await app.character("Кира", tags=["anime", "friendly"], genre="anime"),
        await app.character("Ника", access_type="premium", genre="mentor"),
        await app.character("Ада", content_rating="nsfw", genre="romance"),
    ]
    for character in characters:
        for number in range(3):
            await anya.says(character, f"Раз {number}")
            fact = {"content": f"Факт {number}", "memory_type": "fact", "importance": 7}
            await anya.post(f"/api/chats/{character}/memories", fact)
        await anya.post(f"/api/chats/{character}/regenerate")
    return anya


async def fuzz(app: AppUnderTest, someone: Someone, folder: Path, *arguments: str) -> Fuzzed:
    """One run in a process of its own; ``folder`` takes what it writes."""
    command = (
        "run", f"{app.base_url}/schema/openapi.json",
        "--header", f"Authorization: tma {someone.init_data}",
        "--exclude-checks", _NOT_HELD,
        "--warnings", "off",
        "--no-color",
        *arguments,
    )  # fmt: skip
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}  # noqa: TID251  a program needs PATH and the like
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", *command,
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(_TESTS), "SCHEMATHESIS_HOOKS": _HOOKS},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return Fuzzed(process.returncode == 0, out.decode(errors="replace"))
