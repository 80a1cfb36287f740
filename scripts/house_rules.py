"""Rules of this house that no ready-made tool knows. Each carries a good and a bad sample, which its test runs.

`python scripts/house_rules.py` looks at every file git tracks or would track, prints what breaks a rule, and fails.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LONGEST_FUNCTION: Final = 50
LONGEST_FILE: Final = 400

Breach = tuple[int, str]
"""The line and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text file of the repository; `path` is relative to its root."""

    path: str
    text: str

    def nodes(self) -> Iterator[ast.AST]:
        """The syntax of a Python file, in no particular order."""
        return ast.walk(ast.parse(self.text))

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
        """Lines on which the pattern is found, and what it found."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if found := pattern.search(line):
                yield number, found[0]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, where it holds, what breaks it, and a sample of each kind."""

    name: str
    holds_for: re.Pattern[str]
    breaches: Callable[[Source], Iterator[Breach]]
    good: Source
    bad: Source


# --- what breaks each rule -------------------------------------------------------------------------

_SQL: Final = re.compile(
    r"\s*(SELECT\s|INSERT (OR \w+ )?INTO\s|UPDATE \w+ SET\s|DELETE FROM\s|WITH \w+ AS |"
    r"(CREATE|ALTER|DROP) [A-Z]+\s|PRAGMA )"
)
_SQL_HOME: Final = re.compile(r"src/parley/(adapters/db/|features/\w+/store(\.py$|/))")


def sql_elsewhere(source: Source) -> Iterator[Breach]:
    """SQL text outside the stores and the database adapters."""
    if _SQL_HOME.match(source.path):
        return
    for node in source.nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.match(node.value):
            yield node.lineno, "SQL text belongs to a store"


def slow_in_transaction(source: Source) -> Iterator[Breach]:
    """Waits inside a transaction for something that is not given the transaction."""
    for node in source.nodes():
        if isinstance(node, ast.AsyncWith) and (tx := _transaction_of(node)):
            for inner in (each for statement in node.body for each in ast.walk(statement)):
                yield from ((wait.lineno, f"waits for something without `{tx}`") for wait in _waits_without(inner, tx))


def _transaction_of(block: ast.AsyncWith) -> str | None:
    """The name in `async with ….begin() as tx`, also for `read()`."""
    for item in block.items:
        match item:
            case ast.withitem(ast.Call(ast.Attribute(attr="begin" | "read")), ast.Name(name)):
                return name
            case _:
                continue
    return None


def _waits_without(node: ast.AST, tx: str) -> Iterator[ast.expr]:
    match node:
        case ast.Await(value):
            waits = [value]
        case ast.AsyncFor(iter=value):
            waits = [value]
        case ast.AsyncWith(items):
            waits = [item.context_expr for item in items]
        case _:
            waits = []
    for wait in waits:
        if not any(isinstance(name, ast.Name) and name.id == tx for name in ast.walk(wait)):
            yield wait


_FEATURE: Final = re.compile(r"parley\.features\.(\w+)(?:\.(\w+))?")
_OWN: Final = re.compile(r"src/parley/features/(\w+)/(\w+)")
_DOORS: Final = {"api": {"service", "core", "wire", "api"}, "wire": {"service", "core", "wire"}}
"""What one part of a feature may import of another feature: values and use cases; edges also what edges share."""


def wrong_door(source: Source) -> Iterator[Breach]:
    """A feature entered by something else than its service or core; a store from anywhere outside."""
    own = _OWN.match(source.path)
    for number, feature, part in _imported_parts(source):
        if own and feature == own[1]:
            continue
        is_open = part in _DOORS.get(own[2], {"service", "core"}) if own else part != "store"
        if not is_open:
            yield number, f"enters {feature} by its {part}"


def _imported_parts(source: Source) -> Iterator[tuple[int, str, str]]:
    for node in source.nodes():
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                modules = [f"{module}.{each.name}" for each in names]
            case ast.Import(names):
                modules = [each.name for each in names]
            case _:
                continue
        yield from ((node.lineno, found[1], found[2] or "") for each in modules if (found := _FEATURE.match(each)))


def long_function(source: Source) -> Iterator[Breach]:
    """A function too long to read as a story."""
    for node in source.nodes():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield node.lineno, f"`{node.name}` has {lines} lines; at most {LONGEST_FUNCTION}"


def long_file(source: Source) -> Iterator[Breach]:
    """A file with more than one idea: it becomes a folder of its name."""
    lines = len(source.text.splitlines())
    if lines > LONGEST_FILE:
        yield lines, f"{lines} lines; at most {LONGEST_FILE}"


_SUPPRESSION: Final = re.compile(r"noqa|type:\s*ignore|pragma:|nosec|pylint:")
_REASONED: Final = re.compile(
    r"# (noqa: [A-Z]+\d+(, [A-Z]+\d+)*|type: ignore\[[a-z-]+(, ?[a-z-]+)*\]|pragma: no (cover|branch))"
    r"(  (# )?| - )(\w{4}|\w+ \w)"
)


def unreasoned_suppression(source: Source) -> Iterator[Breach]:
    """A suppression without its code, or without its reason behind it."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and _SUPPRESSION.search(token.string) and not _REASONED.search(token.string):
            yield token.start[0], "a suppression bears its code and its reason"


# The brackets keep the patterns from finding themselves.
_LEFT_TO_DO: Final = re.compile(r"\b([T]ODO|[F]IXME|[X]XX|[H]ACK)\b")
_ONE_MACHINE: Final = re.compile(
    r"(?<![\w.])/(home|Users)/\w+|(?<![\w./])/([r]oot|[w]ork)/|https?://[\w.-]*\b(pypi|pythonhosted|npmjs|debian|crates)\b"
)
_WHO_TYPED_IT: Final = re.compile(
    r"\b([c]laude|[c]opilot|[c]odex|[c]hatgpt|[s]ubagents?|[c]o-authored-by|coding (agent|assistant)s?"
    r"|ai[ -](agent|assistant|generated|written)s?)\b",
    re.IGNORECASE,
)


def found(pattern: re.Pattern[str], complaint: str) -> Callable[[Source], Iterator[Breach]]:
    """A rule against words: each line on which the pattern is found."""
    return lambda source: ((number, f"{complaint}: {words}") for number, words in source.matches(pattern))


# --- the rules -------------------------------------------------------------------------------------

_PYTHON: Final = re.compile(r".*\.py$")
_CODE: Final = re.compile(r".*(\.(py|ts|tsx|js|mjs|css|sql|sh|toml)|Makefile|\.ci/run)$")
_OUR_PYTHON: Final = re.compile(r"src/.*\.py$")
_ANY: Final = re.compile(r".*")
_STORE: Final = "src/parley/features/plans/store.py"
_SERVICE: Final = "src/parley/features/plans/service.py"
_IN_TX: Final = "async def f(db, model):\n    async with db.begin() as tx:\n        await {}\n"

RULES: Final = (
    Rule(
        "SQL lives in stores",
        _OUR_PYTHON,
        sql_elsewhere,
        good=Source(_STORE, 'query = "SELECT id FROM plan"'),
        bad=Source(_SERVICE, 'query = f"SELECT id FROM {table}"'),
    ),
    Rule(
        "nothing slow in a transaction",
        _OUR_PYTHON,
        slow_in_transaction,
        good=Source(_SERVICE, _IN_TX.format("store.add(tx, 1)")),
        bad=Source(_SERVICE, _IN_TX.format("model.reply()")),
    ),
    Rule(
        "features are entered by their doors",
        _OUR_PYTHON,
        wrong_door,
        good=Source(_SERVICE, "from parley.features.chats import core, service"),
        bad=Source(_SERVICE, "from parley.features.chats import store"),
    ),
    Rule(
        "functions are short",
        _PYTHON,
        long_function,
        good=Source(_SERVICE, "def f():\n" + "    go()\n" * (LONGEST_FUNCTION - 1)),
        bad=Source(_SERVICE, "def f():\n" + "    go()\n" * LONGEST_FUNCTION),
    ),
    Rule(
        "files are short",
        re.compile(r".*\.(py|ts|tsx|js|mjs|sql|css)$"),
        long_file,
        good=Source(_SERVICE, "go()\n" * LONGEST_FILE),
        bad=Source(_SERVICE, "go()\n" * (LONGEST_FILE + 1)),
    ),
    Rule(
        "suppressions say why",
        _PYTHON,
        unreasoned_suppression,
        good=Source(_SERVICE, "go()  # noqa: S101  the reason is here"),
        bad=Source(_SERVICE, "go()  # noqa: S101"),
    ),
    Rule(
        "nothing is left to do",
        _CODE,
        found(_LEFT_TO_DO, "do it now or open an issue"),
        good=Source(_SERVICE, "# done"),
        bad=Source(_SERVICE, "# {}: later".format("TO" + "DO")),
    ),
    Rule(
        "no place of one machine or registry",
        _ANY,
        found(_ONE_MACHINE, "true on one machine only"),
        good=Source("docs/x.md", "Put it into data/ or https://example.org/a"),
        bad=Source("docs/x.md", "Put it into /ro" + "ot/x"),
    ),
    Rule(
        "the text is about Parley",
        _ANY,
        found(_WHO_TYPED_IT, "how it was typed is nobody's business"),
        good=Source("docs/x.md", "The assistant's message; the User-Agent; a session"),
        bad=Source("docs/x.md", "Written by an AI" + "-assistant"),
    ),
)


def tracked_sources(root: Path) -> Iterator[Source]:
    """Every text file that git tracks or would track."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    for name in sorted(filter(None, listing.stdout.decode().split("\0"))):
        try:
            yield Source(name, (root / name).read_text(encoding="utf-8"))
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # a picture, or a file just deleted


def main(root: Path) -> int:
    """Print every breach; how many there are."""
    breaches = 0
    for source in tracked_sources(root):
        for rule in RULES:
            if rule.holds_for.match(source.path):
                for number, complaint in rule.breaches(source):
                    print(f"{source.path}:{number}: {rule.name}: {complaint}")
                    breaches += 1
    return breaches


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent.parent) > 0)
