"""What a fake provider says, faultless or spoilt, as bytes. No I/O."""

import base64
import gzip
import hashlib
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, Literal

DIMENSIONS: Final = 384


class Fault(StrEnum):
    """What can be wrong with one answer. A provider that refuses connections is paused instead."""

    DISCONNECT = "disconnect"
    HANG = "hang"
    RATE_LIMIT = "rate-limit"
    SERVER_ERROR = "server-error"
    UNAVAILABLE = "unavailable"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not-found"
    BAD_REQUEST = "bad-request"
    ENDLESS_REFUSAL = "endless-refusal"
    REDIRECT = "redirect"
    HTML = "html"
    DOCUMENT = "document"  # a whole JSON answer to a request for a stream
    ERROR_DOCUMENT = "error-document"  # an error told with status 200
    EMPTY = "empty"
    FILTERED = "filtered"
    ERROR_FIRST = "error-first"
    ERROR_IN_STREAM = "error-in-stream"
    CUT_BEFORE_TEXT = "cut-before-text"
    CUT = "cut"  # in the middle of an event
    NO_FINISH = "no-finish"
    NO_DONE = "no-done"
    NO_USAGE = "no-usage"
    STALL = "stall"  # after two pieces
    STALL_AFTER_FINISH = "stall-after-finish"
    OPEN_AFTER_DONE = "open-after-done"
    BROKEN_JSON = "broken-json"
    HUGE_LINE = "huge-line"
    ODD = "odd"  # everything that is unusual and yet to be understood
    SPLIT_UTF8 = "split-utf8"
    BYTE_AT_A_TIME = "byte-at-a-time"
    GZIP = "gzip"


Json = dict[str, Any]
Ending = Literal["whole", "cut", "hang"]


@dataclass(slots=True)
class Script:
    """An answer as it goes over the wire: one write per element."""

    writes: list[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/event-stream"})
    ending: Ending = "whole"
    text_writes: range = range(0)
    """Which of the writes are tokens."""


def pieces_of(text: str) -> list[str]:
    """Words with the space before them, as models say them."""
    words = text.split(" ")
    return [word if number == 0 else f" {word}" for number, word in enumerate(words) if word or number]


def event(payload: Json | str, end: str = "\n") -> bytes:
    """One server-sent event."""
    data = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return f"data: {data}{end}{end}".encode()


def chunk(model: str, delta: Json, finish: str | None = None, **more: Any) -> Json:
    """One chunk of a streamed answer."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": model}
    return {**head, "choices": [choice], **more}


def usage(text: str) -> Json:
    """Token counts; every word is a token."""
    count = len(pieces_of(text))
    return {"prompt_tokens": 7, "completion_tokens": count, "total_tokens": 7 + count}


def stream_script(model: str, text: str, *, with_usage: bool, finish: str = "stop") -> Script:
    """A faultless stream."""
    pieces = pieces_of(text) if text else []
    texts = [event(chunk(model, {"content": piece})) for piece in pieces]
    head = [event(chunk(model, {"role": "assistant", "content": ""}))]
    tail = [event(chunk(model, {}, finish))]
    if with_usage:
        tail.append(event({**chunk(model, {}), "choices": [], "usage": usage(text)}))
    writes = [*head, *texts, *tail, event("[DONE]")]
    return Script(writes, text_writes=range(1, 1 + len(texts)))


def json_script(body: Json, status: int = 200, **headers: str) -> Script:
    """A whole JSON answer."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    writes = [json.dumps(body, ensure_ascii=False).encode()]
    return Script(writes, status, {"Content-Type": "application/json", **fields})


def error_script(status: int, code: str, **headers: str) -> Script:
    """An error in OpenAI's shape. The message stands for what must never get out."""
    message = f"{code}: provider text with sk-secret-key"
    error = {"message": message, "type": "error", "param": None, "code": code}
    return json_script({"error": error}, status, **headers)


def document_script(model: str, text: str) -> Script:
    """An answer that is not streamed."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    head = {"id": "chatcmpl-fake", "object": "chat.completion", "created": 1_700_000_000, "model": model}
    return json_script({**head, "choices": [choice], "usage": usage(text)})


def odd_script(model: str, text: str) -> Script:
    """Legal or seen in the wild: comments, CRLF, two-line data, odd chunks, usage with the finish, thoughts."""
    thought = chunk(model, {"reasoning_content": "hidden", "reasoning": "hidden", "content": None})
    texts = [event(chunk(f"{model}-0613", {"content": piece}), "\r\n") for piece in pieces_of(text)]
    finish = chunk(f"{model}-0613", {"content": None}, "eos", usage=usage(text))
    two_lines = json.dumps(finish).replace(', "usage"', '\ndata: , "usage"')
    head = [b": PROCESSING\r\n\r\n", event({"id": "x"}), event({"choices": None}), event(thought)]
    return Script([*head, *texts, event(two_lines), b"event: end\nid: 7\n\n"])


def recut(script: Script, cuts: Iterator[int]) -> Script:
    """The same bytes in other writes."""
    whole = b"".join(script.writes)
    borders = [0, *cuts, len(whole)]
    script.writes = [whole[start:end] for start, end in pairwise(borders)]
    return script


def after(script: Script, count: int, *more: bytes, ending: Ending = "whole") -> Script:
    """The first writes of a script, then something else."""
    script.writes = [*script.writes[:count], *more]
    script.ending = ending
    return script


def split_utf8(script: Script) -> Script:
    """Cut inside every letter of more than one byte."""
    whole = b"".join(script.writes)
    return recut(script, (place + 1 for place, byte in enumerate(whole) if byte >= 0xC0))


def gzipped(script: Script) -> Script:
    """Compressed, whatever the client accepts."""
    script.writes = [gzip.compress(b"".join(script.writes))]
    script.headers["Content-Encoding"] = "gzip"
    return recut(script, iter(range(20, len(script.writes[0]), 20)))


PAGE: Final = Script([b"<!doctype html><title>Welcome</title>"], 200, {"Content-Type": "text/html"})
STATUSES: Final[dict[Fault, tuple[int, str]]] = {
    Fault.SERVER_ERROR: (500, "internal_error"),
    Fault.UNAVAILABLE: (503, "overloaded"),
    Fault.UNAUTHORIZED: (401, "invalid_api_key"),
    Fault.NOT_FOUND: (404, "model_not_found"),
    Fault.BAD_REQUEST: (400, "context_length_exceeded"),
    Fault.REDIRECT: (307, "elsewhere"),
}
INSTEAD: Final[dict[Fault, Callable[[str, str], Script]]] = {
    Fault.DISCONNECT: lambda _model, _text: Script([], status=0, ending="cut"),
    Fault.HANG: lambda _model, _text: Script([], status=0, ending="hang"),
    Fault.ENDLESS_REFUSAL: lambda _model, _text: Script([b"no"], status=400, ending="hang"),
    Fault.HTML: lambda _model, _text: PAGE,
    Fault.DOCUMENT: document_script,
    Fault.ERROR_DOCUMENT: lambda _model, _text: json_script({"error": {"message": "sk-secret-key", "code": 429}}),
    Fault.EMPTY: lambda model, _text: stream_script(model, "", with_usage=True),
    Fault.FILTERED: lambda model, _text: stream_script(model, "", with_usage=True, finish="content_filter"),
    Fault.NO_USAGE: lambda model, text: stream_script(model, text, with_usage=False),
    Fault.ODD: odd_script,
}
ERROR_EVENT: Final = event({"error": {"message": "sk-secret-key", "type": "server_error", "code": 502}})
OVERLOADED_EVENT: Final = event({"error": {"message": "sk-secret-key", "code": "rate_limit_exceeded"}})
SPOILT: Final[dict[Fault, Callable[[Script], Script]]] = {
    Fault.ERROR_FIRST: lambda script: after(script, 0, OVERLOADED_EVENT),
    Fault.ERROR_IN_STREAM: lambda script: after(script, 3, ERROR_EVENT),
    Fault.CUT_BEFORE_TEXT: lambda script: after(script, 1, script.writes[1][:9], ending="cut"),
    Fault.CUT: lambda script: after(script, 3, script.writes[3][:20], ending="cut"),
    Fault.NO_FINISH: lambda script: after(script, script.text_writes.stop),
    Fault.NO_DONE: lambda script: after(script, -1),
    Fault.STALL: lambda script: after(script, 3, ending="hang"),
    Fault.STALL_AFTER_FINISH: lambda script: after(script, script.text_writes.stop + 1, ending="hang"),
    Fault.OPEN_AFTER_DONE: lambda script: after(script, len(script.writes), ending="hang"),
    Fault.BROKEN_JSON: lambda script: after(script, 3, event('{"choices": [')),
    Fault.HUGE_LINE: lambda script: after(script, 3, b"data: " + b"x" * 2**20),
    Fault.SPLIT_UTF8: split_utf8,
    Fault.BYTE_AT_A_TIME: lambda script: recut(script, iter(range(1, len(b"".join(script.writes))))),
    Fault.GZIP: gzipped,
}


def faulty_script(fault: Fault, model: str, text: str, retry_after: dict[str, str]) -> Script:
    """The answer with this fault."""
    if fault in STATUSES:
        status, code = STATUSES[fault]
        return error_script(status, code, Location="/elsewhere")
    if fault is Fault.RATE_LIMIT:
        return error_script(429, "rate_limit_exceeded", **retry_after)
    if fault in INSTEAD:
        return INSTEAD[fault](model, text)
    return SPOILT[fault](stream_script(model, text, with_usage=True))


def head_of(script: Script, length: int | None = None) -> bytes:
    """Status line and headers; without a length the body is chunked."""
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = [f"HTTP/1.1 {script.status} Told", framing, *(f"{name}: {value}" for name, value in script.headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


@lru_cache(maxsize=256)
def rendered(model: str, text: str, *, is_stream: bool, with_usage: bool) -> bytes:
    """A faultless answer as one piece of bytes: what makes benchmarks measure somebody else."""
    if is_stream:
        script = stream_script(model, text, with_usage=with_usage)
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(write), write) for write in script.writes)
        return head_of(script) + chunks + b"0\r\n\r\n"
    return whole(document_script(model, text))


def whole(script: Script) -> bytes:
    """A script without pauses, with its length."""
    body = b"".join(script.writes)
    return head_of(script, len(body)) + body


def embedding(text: str, dimensions: int) -> list[float]:
    """Numbers that depend on the text alone, of length 1."""
    seeds = (hashlib.sha256(f"{number}:{text}".encode()).digest() for number in range(dimensions // 16 + 1))
    numbers = [value / 32768 for seed in seeds for value in struct.unpack("16h", seed)][:dimensions]
    length = sum(number * number for number in numbers) ** 0.5
    return [number / length for number in numbers]


def embeddings_script(body: Json) -> Script:
    """The answer of ``/v1/embeddings``, in the encoding asked for."""
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    vectors = [embedding(str(text), body.get("dimensions", DIMENSIONS)) for text in texts]
    encoded: list[Any] = list(vectors)
    if body.get("encoding_format") == "base64":
        encoded = [base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() for vector in vectors]
    data = [{"object": "embedding", "index": number, "embedding": vector} for number, vector in enumerate(encoded)]
    counts = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return json_script({"object": "list", "model": body.get("model"), "data": data, "usage": counts})
