"""One JSON line per event on standard error: request ids, outcomes, durations; no texts, tokens or initData."""

import logging
import sys
import traceback
from pathlib import Path
from typing import Final

import structlog

_QUIET: Final = (
    *("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "aiohttp", "websockets", "litestar"),
    "aiogram",
)
"""Loggers of libraries: what they say below a warning holds addresses with credentials in them."""


def _where_it_broke(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A fault as its kinds and places. Messages and variables are left out: they may quote what people wrote."""
    exc_info = event.pop("exc_info", None)
    if not exc_info:
        return event
    error = exc_info if isinstance(exc_info, BaseException) else sys.exc_info()[1]
    if isinstance(exc_info, tuple):
        error = exc_info[1]
    frames = [] if error is None else traceback.extract_tb(error.__traceback__)
    event["fault"] = type(error).__name__
    event["at"] = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]
    return event


def _first_line(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """What a library says, without the objects it shows below: their repr may quote what people wrote."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def configure(level: str) -> None:
    """Set up logging for the whole process, libraries included."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered: list[structlog.typing.Processor] = [
        _where_it_broke,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=[*shared, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _first_line],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
