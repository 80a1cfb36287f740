"""The HTTP examples of «API Specification: Mini App Chat», as they are printed there.

A request is its request line, headers and body; an answer is the JSON under it. Nothing is corrected or completed:
`:characterId`, `:messageId`, `:memoryId` and `<initDataString>` are filled in by the test.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """One request and the answer the document shows for it."""

    title: str
    request: str
    answer: str
    added: frozenset[str] = frozenset()
    """Keys beside the document's that the contract names, wherever they stand in the answer."""


IN_A_CHARACTER = frozenset({"greeting", "language", "created_at"})
IN_A_MEMORY = frozenset({"source", "pinned", "updated_at"})

LIST = """
{
  "characters": [
    {
      "id": 1,
      "name": "Кира",
      "description_long": "Милая девушка из аниме...",
      "avatar_url": "/characters/kira.jpg",
      "access_type": "free",
      "genre": "anime",
      "content_rating": "sfw",
      "tags": ["anime", "romance", "friendly"],
      "popularity_score": 1250,
      "messages_count": 5000,
      "is_active": true
    }
  ],
  "total": 42,
  "limit": 50,
  "offset": 0
}
"""
TAGS = """
{
  "tags": [
    {
      "id": 1,
      "name": "anime",
      "category": "genre",
      "usage_count": 25
    },
    {
      "id": 2,
      "name": "romance",
      "category": "theme",
      "usage_count": 40
    }
  ]
}
"""
SESSION = """
{
  "id": 42,
  "user_id": 123,
  "character_id": 1,
  "relationship_type": "friend",
  "mood_preference": "sweet",
  "last_message_at": "2025-01-01T12:00:00Z",
  "messages_count": 142,
  "created_at": "2024-12-01T10:00:00Z"
}
"""

EXAMPLES = (
    Example(
        "Обновление профиля",
        """
PATCH /api/users/profile
Content-Type: application/json
Authorization: tma <initDataString>

{
  "display_name": "Алексей",
  "gender": "male",
  "language": "ru"
}
""",
        """
{
  "id": 123,
  "telegram_user_id": 456789,
  "username": "alex_user",
  "display_name": "Алексей",
  "gender": "male",
  "language": "ru",
  "is_adult_confirmed": true,
  "created_at": "2025-01-01T00:00:00Z"
}
""",
        frozenset({"timezone"}),
    ),
    Example(
        "Подтверждение возраста 18+",
        """
POST /api/users/confirm-adult
Content-Type: application/json
Authorization: tma <initDataString>

{
  "confirmed": true
}
""",
        """
{
  "success": true,
  "is_adult_confirmed": true
}
""",
    ),
    Example(
        "Список персонажей с фильтрами",
        """
GET /api/characters?genre=romance&rating=sfw&sort=popular&tags=anime,fantasy
Authorization: tma <initDataString>
""",
        LIST,
        IN_A_CHARACTER,
    ),
    Example(
        "Поиск персонажей",
        """
GET /api/characters/search?q=аниме+девушка
Authorization: tma <initDataString>
""",
        LIST,
        IN_A_CHARACTER,
    ),
    Example("Список тегов", "\nGET /api/tags\n", TAGS),
    Example("Теги по категории", "\nGET /api/tags/genre\n", TAGS),
    Example(
        "Получение истории сообщений",
        """
GET /api/chats/:characterId/messages?limit=50&offset=0
Authorization: tma <initDataString>
""",
        """
{
  "messages": [
    {
      "id": 123,
      "character_id": 1,
      "role": "user",
      "message_text": "Привет! Как дела?",
      "created_at": "2025-01-01T12:00:00Z",
      "tokens_used": null,
      "model_used": null
    },
    {
      "id": 124,
      "character_id": 1,
      "role": "assistant",
      "message_text": "Привет! Всё отлично, спасибо!",
      "created_at": "2025-01-01T12:00:05Z",
      "tokens_used": 25,
      "model_used": "gpt-3.5-turbo",
      "is_regenerated": false
    }
  ],
  "total": 142,
  "has_more": true
}
""",
    ),
    Example(
        "Отправка сообщения",
        """
POST /api/chats/:characterId/messages
Content-Type: application/json
Authorization: tma <initDataString>

{
  "message": "Привет! Как дела?"
}
""",
        """
{
  "user_message": {
    "id": 125,
    "role": "user",
    "message_text": "Привет! Как дела?",
    "created_at": "2025-01-01T12:05:00Z"
  },
  "assistant_message": {
    "id": 126,
    "role": "assistant",
    "message_text": "Привет! Отлично, а у тебя?",
    "created_at": "2025-01-01T12:05:03Z",
    "tokens_used": 28,
    "model_used": "gpt-3.5-turbo"
  },
  "limits": {
    "remaining": 48,
    "total": 50,
    "resets_at": "2025-01-02T00:00:00Z"
  }
}
""",
    ),
    Example(
        "Регенерация последнего ответа",
        """
POST /api/chats/:characterId/regenerate
Authorization: tma <initDataString>
""",
        """
{
  "message": {
    "id": 127,
    "role": "assistant",
    "message_text": "Привет! У меня всё замечательно!",
    "created_at": "2025-01-01T12:06:00Z",
    "is_regenerated": true
  }
}
""",
        frozenset({"variants_count"}),
    ),
    Example(
        "Удаление сообщения",
        """
DELETE /api/chats/:characterId/messages/:messageId
Authorization: tma <initDataString>
""",
        """
{
  "success": true,
  "deleted_count": 1
}
""",
    ),
    Example(
        "Новая сцена",
        """
POST /api/chats/:characterId/new-scene
Content-Type: application/json
Authorization: tma <initDataString>

{
  "messages_to_keep": 0
}
""",
        """
{
  "success": true,
  "deleted_messages_count": 15,
  "memories_preserved": 8
}
""",
    ),
    Example(
        "Полный сброс чата",
        """
POST /api/chats/:characterId/reset
Authorization: tma <initDataString>
""",
        """
{
  "success": true,
  "deleted_messages_count": 142,
  "deleted_memories_count": 8
}
""",
    ),
    Example(
        "Получение сессии",
        """
GET /api/chats/:characterId/session
Authorization: tma <initDataString>
""",
        SESSION,
    ),
    Example(
        "Обновление настроек сессии",
        """
PATCH /api/chats/:characterId/session
Content-Type: application/json
Authorization: tma <initDataString>

{
  "relationship_type": "partner",
  "mood_preference": "playful"
}
""",
        SESSION,
    ),
    Example(
        "Получение всех фактов о пользователе",
        """
GET /api/chats/:characterId/memories
Authorization: tma <initDataString>
""",
        """
{
  "memories": [
    {
      "id": 1,
      "memory_type": "fact",
      "content": "Работает программистом",
      "importance": 8,
      "created_at": "2025-01-01T10:00:00Z"
    },
    {
      "id": 2,
      "memory_type": "preference",
      "content": "Предпочитает формальный стиль общения",
      "importance": 6,
      "created_at": "2025-01-01T11:00:00Z"
    },
    {
      "id": 3,
      "memory_type": "emotion",
      "content": "Часто грустит по понедельникам",
      "importance": 5,
      "created_at": "2025-01-01T12:00:00Z"
    }
  ],
  "total": 8
}
""",
        IN_A_MEMORY,
    ),
    Example(
        "Добавление факта",
        """
POST /api/chats/:characterId/memories
Content-Type: application/json
Authorization: tma <initDataString>

{
  "content": "Увлекается аниме и мангой",
  "memory_type": "preference",
  "importance": 7
}
""",
        """
{
  "id": 9,
  "memory_type": "preference",
  "content": "Увлекается аниме и мангой",
  "importance": 7,
  "created_at": "2025-01-01T13:00:00Z"
}
""",
        IN_A_MEMORY,
    ),
    Example(
        "Удаление конкретного факта",
        """
DELETE /api/chats/:characterId/memories/:memoryId
Authorization: tma <initDataString>
""",
        """
{
  "success": true,
  "deleted_id": 9
}
""",
    ),
    Example(
        "Удаление всех фактов",
        """
DELETE /api/chats/:characterId/memories
Authorization: tma <initDataString>
""",
        """
{
  "success": true,
  "deleted_count": 8
}
""",
    ),
    Example(
        "Забыть недавние сообщения",
        """
POST /api/chats/:characterId/forget-recent
Content-Type: application/json
Authorization: tma <initDataString>

{
  "count": 10
}
""",
        """
{
  "success": true,
  "deleted_messages_count": 10
}
""",
    ),
    Example(
        "Проверка лимитов",
        """
GET /api/users/limits
Authorization: tma <initDataString>
""",
        """
{
  "has_subscription": false,
  "messages_limit": {
    "total": 50,
    "used": 23,
    "remaining": 27,
    "resets_at": "2025-01-02T00:00:00Z"
  },
  "subscription": null
}
""",
    ),
)

WITH_SUBSCRIPTION = Example(
    "Проверка лимитов, with subscription",
    EXAMPLES[-1].request,
    """
{
  "has_subscription": true,
  "messages_limit": {
    "total": -1,
    "used": 142,
    "remaining": -1,
    "resets_at": null
  },
  "subscription": {
    "status": "active",
    "start_at": "2025-01-01T00:00:00Z",
    "end_at": "2025-01-31T23:59:59Z"
  }
}
""",
)

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
