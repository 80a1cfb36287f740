"""Log lines: one JSON object each, and of a fault only its kind and place."""

import json
import subprocess
import sys
from typing import Any

PROGRAM = """
import asyncio, logging, structlog
from parley.shell import logs
logs.configure({level!r})
log = structlog.get_logger("parley")
log.debug("said_debug"); log.info("said_info", name="Аня", number=1)
def breaks(secret):
    raise ValueError(f"C4N4RY {{secret}}")
try:
    breaks("C4N4RY")
except ValueError:
    log.exception("fault", request_id="r1")
    logging.getLogger("library").exception("it broke")
for name in ("uvicorn.error", "uvicorn.access", "aiohttp", "asyncio", "websockets", "litestar"):
    logging.getLogger(name).info("GET /api/ws/chat/1?initData=C4N4RY")
logging.getLogger("asyncio").error("Task exception was never retrieved\\nfuture: <Task exception=ValueError('C4N4RY')>")
logging.getLogger("library").warning("two\\nlines C4N4RY")
async def task(): raise ValueError("C4N4RY")
async def main():
    asyncio.get_running_loop().call_exception_handler({{"message": "broke", "exception": ValueError("C4N4RY")}})
    lost = asyncio.create_task(task()); await asyncio.sleep(0); del lost
asyncio.run(main())
"""


def lines(level: str) -> list[dict[str, Any]]:
    """What a process with this level says. A process of its own: logging belongs to all of it."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(level=level)], capture_output=True, check=True, text=True
    )
    assert ended.stdout == ""
    assert "C4N4RY" not in ended.stderr
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_each_line_is_a_json_object_with_its_time_and_level() -> None:
    said = lines("DEBUG")
    assert all({"event", "level", "timestamp"} <= set(each) for each in said)
    info = next(each for each in said if each["event"] == "said_info")
    assert (info["level"], info["name"], info["number"]) == ("info", "Аня", 1)
    assert info["timestamp"].endswith("Z")


def test_a_fault_is_told_by_its_kind_and_place_alone() -> None:
    said = lines("INFO")
    fault = next(each for each in said if each["event"] == "fault")
    assert (fault["fault"], fault["request_id"]) == ("ValueError", "r1")
    assert fault["at"][-1].endswith(" breaks")
    library = next(each for each in said if each["event"] == "it broke")
    assert library["fault"] == "ValueError"


def test_what_a_library_says_is_its_first_line() -> None:
    said = [each["event"] for each in lines("INFO")]
    assert "two" in said
    assert said.count("Task exception was never retrieved") >= 1


def test_the_level_says_from_where_on_things_are_told() -> None:
    assert "said_debug" in {each["event"] for each in lines("DEBUG")}
    assert "said_debug" not in {each["event"] for each in lines("INFO")}
    assert {each["level"] for each in lines("ERROR")} == {"error"}
