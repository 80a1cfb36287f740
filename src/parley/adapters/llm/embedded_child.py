"""The parent's side of the embedded model's process: start it, know where it listens, end it."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import msgspec

_PROGRAM: Final = Path(__file__).with_name("embedded_process.py")


class ChildFailed(Exception):
    """The child ended, or said nothing sensible, before it could answer."""


class _Ready(msgspec.Struct):
    address: str


class ModelChild:
    """A running child. It lives as long as its standard input is open, so it never outlives its parent."""

    def __init__(self, process: Process, address: str) -> None:
        self._process = process
        self.address = address
        """URL without a path."""

    @classmethod
    async def started(cls, arguments: Sequence[str], api_key: str, within: float) -> Self:
        """Start one and wait until it can answer, at most so many seconds. Raises ChildFailed.

        It gets an empty environment, so none of Parley's secrets; the key goes through the pipe, where no other
        user of the machine can read it. Its own session keeps the terminal's Ctrl-C from it.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(_PROGRAM),
            *arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={},
            start_new_session=True,
        )
        address = None
        try:
            address = await asyncio.wait_for(_address_told_by(process, api_key), within)
            return cls(process, address)
        except (TimeoutError, OSError, ValueError, msgspec.DecodeError) as error:
            raise ChildFailed from error
        finally:
            if address is None:
                await _ended(process)

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    async def close(self) -> None:
        """End it and wait for its end."""
        await _ended(self._process)


async def _address_told_by(process: Process, api_key: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(api_key.encode() + b"\n")
    await process.stdin.drain()
    return msgspec.json.decode(await process.stdout.readline(), type=_Ready).address


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()  # it has nothing to save
    await process.wait()
