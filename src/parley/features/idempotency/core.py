"""One request, however often it is sent (contract §2, `Idempotency-Key`)."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from parley.kernel.errors import Conflict, InvalidInput
from parley.kernel.ids import MessageId, UserId

KEPT_FOR: Final = 24 * 3_600_000
"""Milliseconds an answer is kept (contract §7)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that bears an Idempotency-Key: keys are per user and route."""

    user: UserId
    route: str
    key: str
    body_digest: str


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a key that was seen before."""

    body_digest: str
    worker: str | None
    message_id: MessageId | None
    answer: str | None


def asked(user: UserId, route: str, key: str, body: bytes) -> Asked:
    """Check the header's form: 1 to 255 ASCII characters; raises InvalidInput."""
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise InvalidInput("Idempotency-Key")
    return Asked(user, route, key, sha256(body).hexdigest())


def replay(request: Asked, record: Record) -> str | None:
    """The kept answer, or None when there is none yet; raises Conflict for another body under the same key."""
    if record.body_digest != request.body_digest:
        raise Conflict
    return record.answer
