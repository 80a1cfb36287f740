"""Every route of the APIs as a request that is good, for tests that go through all of them.

`tests/test_docs.py` holds the list against the application: a new route must take its place here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, a good body, and for each member of the body what it may not be."""

    method: str
    path: str
    body: Mapping[str, object] | None = None
    wrong: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Members of the body, and values each of them refuses."""
    required: tuple[str, ...] = ()
    """Members without which the body is refused."""
    is_public: bool = False
    needs_subscription: bool = False
    """Refused for a premium character without a subscription."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_of_a_chat(self) -> bool:
        """Whether the path names a character to chat with."""
        return self.path.startswith("/api/chats/{character_id}")

    @property
    def takes_a_body(self) -> bool:
        """Whether a body is read."""
        return self.body is not None

    def at(self, character: object = 1, message: object = 1, memory: object = 1, variant: object = 1) -> str:
        """The path with these ids in it."""
        return self.path.format(
            character_id=character,
            message_id=message,
            memory_id=memory,
            variant_id=variant,
            category="genre",
            telegram_id=7,
            model_id="default",
        )


NOT_TEXT: tuple[Any, ...] = (5, 1.5, True, None, [], {}, ["x"])
NOT_WHOLE: tuple[Any, ...] = ("5", 1.5, True, None, [], {}, 10**30, -(10**30), 1e300)
NOT_TRUTH: tuple[Any, ...] = ("true", 1, 0, None, [], {})
NOT_STORABLE = ("a\x00b",)

ROUTES = (
    Route("GET", "/api/users/profile"),
    Route(
        "PATCH",
        "/api/users/profile",
        {"display_name": "Аня"},
        {
            "display_name": (*NOT_TEXT, *NOT_STORABLE, "", "  ", "я" * 65),
            "gender": (5, True, [], {}, "", "Male", "none"),
            "language": (*NOT_TEXT, "", "русский", "en_US", "en\x00"),
            "timezone": (5, True, [], {}, "", "Mars/Olympus", "../etc", "UTC\x00"),
        },
    ),
    Route("POST", "/api/users/confirm-adult", {"confirmed": True}, {"confirmed": NOT_TRUTH}, required=("confirmed",)),
    Route("GET", "/api/users/limits"),
    Route("GET", "/api/characters"),
    Route("GET", "/api/characters/search?q=x"),
    Route("GET", "/api/characters/{character_id}"),
    Route("GET", "/api/tags", is_public=True),
    Route("GET", "/api/tags/{category}", is_public=True),
    Route("GET", "/api/chats"),
    Route("GET", "/api/chats/{character_id}/messages"),
    Route(
        "POST",
        "/api/chats/{character_id}/messages",
        {"message": "Привет!"},
        {"message": (*NOT_TEXT, *NOT_STORABLE, "", " \n\t", "я" * 4001)},
        required=("message",),
        needs_subscription=True,
    ),
    Route("POST", "/api/chats/{character_id}/regenerate", {}, needs_subscription=True),
    Route("POST", "/api/chats/{character_id}/stop", {}),
    Route(
        "PATCH",
        "/api/chats/{character_id}/messages/{message_id}",
        {"message": "Иначе"},
        {"message": (*NOT_TEXT, *NOT_STORABLE, "", " \n\t", "я" * 4001)},
        required=("message",),
    ),
    Route("DELETE", "/api/chats/{character_id}/messages/{message_id}"),
    Route("GET", "/api/chats/{character_id}/messages/{message_id}/receipt"),
    Route("GET", "/api/chats/{character_id}/messages/{message_id}/variants"),
    Route("POST", "/api/chats/{character_id}/messages/{message_id}/variants/{variant_id}/select"),
    Route("GET", "/api/chats/{character_id}/session"),
    Route(
        "PATCH",
        "/api/chats/{character_id}/session",
        {"relationship_type": "partner", "mood_preference": "playful"},
        {
            "relationship_type": (*NOT_TEXT, *NOT_STORABLE, "", "enemy", "Friend"),
            "mood_preference": (*NOT_TEXT, *NOT_STORABLE, "", "angry", "Sweet"),
        },
    ),
    Route("GET", "/api/chats/{character_id}/memories"),
    Route(
        "POST",
        "/api/chats/{character_id}/memories",
        {"content": "Любит чай", "memory_type": "preference", "importance": 7},
        {
            "content": (*NOT_TEXT, *NOT_STORABLE, "", " ", "я" * 501),
            "memory_type": (*NOT_TEXT, "", "Fact", "rumour"),
            "importance": (*NOT_WHOLE, 0, 11, -1),
        },
        required=("content", "memory_type"),
    ),
    Route(
        "PATCH",
        "/api/chats/{character_id}/memories/{memory_id}",
        {"content": "Любит кофе"},
        {
            "content": (*NOT_TEXT, *NOT_STORABLE, "", " ", "я" * 501),
            "memory_type": (*NOT_TEXT, "", "Fact", "rumour"),
            "importance": (*NOT_WHOLE, 0, 11, -1),
            "pinned": NOT_TRUTH,
        },
    ),
    Route("DELETE", "/api/chats/{character_id}/memories/{memory_id}"),
    Route("DELETE", "/api/chats/{character_id}/memories"),
    Route(
        "POST",
        "/api/chats/{character_id}/new-scene",
        {"messages_to_keep": 0},
        {"messages_to_keep": (*NOT_WHOLE, -1)},
    ),
    Route("POST", "/api/chats/{character_id}/reset", {}),
    Route(
        "POST",
        "/api/chats/{character_id}/forget-recent",
        {"count": 10},
        {"count": (*NOT_WHOLE, 0, -1, 1001)},
        required=("count",),
    ),
)
_CHAT = {"model": "default", "messages": [{"role": "user", "content": "Hi"}]}
_EMBEDDINGS = {"model": "default", "input": "Hi"}
SERVICE_ROUTES = (
    Route("GET", "/users/{telegram_id}"),
    *(
        Route(method, f"{prefix}{path}", body)
        for prefix in ("", "/v1")
        for method, path, body in (
            ("POST", "/chat/completions", _CHAT),
            ("POST", "/embeddings", _EMBEDDINGS),
            ("GET", "/models", None),
            ("GET", "/models/{model_id}", None),
        )
    ),
)
"""Those of other services, who come with a key."""
OF_A_CHAT = tuple(route for route in ROUTES if route.is_of_a_chat)
WITH_BODY = tuple(route for route in ROUTES if route.takes_a_body)
NOT_IDS = (
    "0", "-1", "+1", "01", "1.0", "1e3", "0x1", "kira", "null", "%00", "%20", "1%20", "٣", "１", "²",
    str(2**63), "9" * 19, "9" * 400,
)  # fmt: skip
"""What no path may take for an id: contract §2 Form."""
