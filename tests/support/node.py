"""The pages' own scripts, run by node: they are modules without a build step, so a test runs what browsers run."""

import json
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

_AROUND = """
import {{ readFileSync }} from "node:fs";
const modules = await Promise.all({sources}.map((source) => import(source)));
const given = JSON.parse(readFileSync(0, "utf8"));
const done = await (async () => {{ {body} }})();
process.stdout.write(JSON.stringify(done));
"""


def ran_by_node(body: str, *scripts: Path, given: object = None) -> str:
    """The JSON of what ``body`` returns; it sees ``modules``, the scripts in order, and ``given``.

    A script must import nothing: as a data URL it is a module whatever the version of node makes of `.js`.
    """
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is not on the PATH: the pages' scripts cannot be tested")
    sources = [f"data:text/javascript;base64,{b64encode(script.read_bytes()).decode()}" for script in scripts]
    program = _AROUND.format(sources=json.dumps(sources), body=body)
    done = subprocess.run(
        [node, "--input-type=module", "--eval", program],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
