"""Identifiers that must not be mistaken for one another."""

from typing import NewType

UserId = NewType("UserId", int)
"""Parley's own number of a person; not Telegram's."""

TelegramUserId = NewType("TelegramUserId", int)
CharacterId = NewType("CharacterId", int)
ChatId = NewType("ChatId", int)
MessageId = NewType("MessageId", int)
MemoryId = NewType("MemoryId", int)
TurnId = NewType("TurnId", str)

MAX_ID = 2**63 - 1
