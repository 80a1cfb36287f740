"""The HTTP examples of «API Specification: Mini App Chat», as they are printed there.

`examples.txt` has under each title the request as printed (request line, headers, body) and after `-> 200` the JSON
shown for it. Nothing is corrected or completed: `:characterId`, `:messageId`, `:memoryId` and `<initDataString>` are
filled in by the test. `added` names the keys beside the document's that the contract adds, wherever they stand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Example:
    """One request and the answer the document shows for it."""

    title: str
    request: str
    answer: str
    added: frozenset[str]


def _read() -> Iterator[Example]:
    text = (Path(__file__).parent / "examples.txt").read_text(encoding="utf-8")
    for section in text.split("## ")[1:]:
        title, _, rest = section.partition("\n")
        added = re.match(r"added: (.*)\n", rest)
        request, _, answer = rest[added.end() if added else 0 :].partition("-> 200\n")
        yield Example(title, request, answer, frozenset(added[1].split(", ")) if added else frozenset())


*EXAMPLES, WITH_SUBSCRIPTION = _read()

LIMIT_EXCEEDED = """
{
  "error": "daily_limit_exceeded",
  "message": "Дневной лимит 50 сообщений исчерпан",
  "limits": {
    "remaining": 0,
    "total": 50,
    "resets_at": "2025-01-02T00:00:00Z"
  }
}
"""
PREMIUM_REQUIRED = """
{
  "error": "premium_required",
  "message": "Для доступа к этому персонажу нужна подписка"
}
"""
RATE_LIMIT = """
{
  "error": "rate_limit",
  "message": "Слишком много запросов, подождите",
  "retry_after": 45
}
"""

STATUSES = {
    "unauthorized": 401,
    "character_not_found": 404,
    "premium_required": 403,
    "daily_limit_exceeded": 429,
    "invalid_input": 400,
    "llm_error": 502,
    "rate_limit": 429,
}
"""«Коды ошибок»."""

EVENTS = {
    "message.new": """
{
  "event": "message.new",
  "data": {
    "id": 128,
    "role": "assistant",
    "message_text": "Привет!",
    "created_at": "2025-01-01T13:00:00Z"
  }
}
""",
    "message.typing": """
{
  "event": "message.typing",
  "data": {
    "character_id": 1,
    "is_typing": true
  }
}
""",
    "message.complete": """
{
  "event": "message.complete",
  "data": {
    "message_id": 128,
    "tokens_used": 35
  }
}
""",
    "error": """
{
  "event": "error",
  "data": {
    "code": "daily_limit_exceeded",
    "message": "Дневной лимит исчерпан"
  }
}
""",
}
"""«События от сервера»."""

SEND_MESSAGE = """
{
  "event": "send_message",
  "data": {
    "message": "Привет! Как дела?"
  }
}
"""
