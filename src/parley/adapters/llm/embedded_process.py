"""The child process that runs the embedded model. A program, never imported: the native library stays out of Parley.

It reads its API key from the first line of standard input, prints one JSON line ``{"address": URL}`` when it can
answer, and ends when standard input is closed: with its parent, however that ended.
"""

import argparse
import json
import os
import signal
import sys
from typing import TextIO

import xllamacpp  # type: ignore[import-untyped]  # the wheel has no stubs

NICENESS = 5
"""Yields to the web server on a machine with few cores."""
CACHED_PROMPTS_MIB = 128


def parameters(asked: argparse.Namespace, api_key: str) -> xllamacpp.CommonParams:
    """What llama.cpp is told: how to run, and how a very small model keeps its sense."""
    params = xllamacpp.CommonParams()
    params.model.path = asked.model
    params.model_alias = {asked.name}
    params.n_ctx = asked.context
    params.n_parallel = asked.parallel
    params.n_predict = asked.reply
    params.cache_ram_mib = CACHED_PROMPTS_MIB
    params.cpuparams.n_threads = asked.threads
    params.cpuparams_batch.n_threads = asked.threads
    params.fit_params = False  # sizes are given; nothing to guess
    serve_only_the_parent(params, api_key)
    set_sampling(params.sampling)
    return params


def serve_only_the_parent(params: xllamacpp.CommonParams, api_key: str) -> None:
    """Listen on loopback, with a key, without pages, and say nothing."""
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [api_key]
    params.cors_origins = ""
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 0


def set_sampling(sampling: xllamacpp.CommonParamsSampling) -> None:
    """Defaults for requests that do not say otherwise: cool, and shy of repeating itself."""
    sampling.temp = 0.4
    sampling.top_k = 40
    sampling.top_p = 0.9
    sampling.min_p = 0.1
    sampling.penalty_repeat = 1.1
    sampling.penalty_last_n = 128


def private_output() -> TextIO:
    """The pipe to the parent, out of reach of what the native library may print."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(pipe, "w")


def main() -> None:
    """Serve until the parent is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--context", type=int, required=True, help="tokens, shared by the parallel replies")
    parser.add_argument("--parallel", type=int, required=True)
    parser.add_argument("--reply", type=int, required=True, help="most tokens of a reply")
    parser.add_argument("--threads", type=int, required=True)
    asked = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, whose end is ours
    os.nice(NICENESS)
    with private_output() as parent:
        server = xllamacpp.Server(parameters(asked, sys.stdin.readline().strip()))
        parent.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdin.read()
    os._exit(0)  # the server's threads have nothing to save and are not waited for


if __name__ == "__main__":
    main()
