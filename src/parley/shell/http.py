"""The routes of all features in one application, and how its errors are told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from litestar import Litestar, Request, Response, Router
from litestar.di import NamedDependency as Needs
from litestar.di import Provide
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.params import FromPath
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from parley.features.characters.api import AvatarsApi, CharactersApi, TagsApi
from parley.features.characters.core import Character, Viewer
from parley.features.characters.service import Characters
from parley.features.chats.api import ChatsApi
from parley.features.chats.service import Chats
from parley.features.completions.api import ChatApi, EmbeddingsApi, ModelsApi
from parley.features.completions.core import Refused
from parley.features.completions.service import Completions
from parley.features.idempotency.service import Idempotency
from parley.features.identity.api import ProfileApi, UsersApi
from parley.features.identity.core import Person
from parley.features.identity.service import Identity
from parley.features.limits.api import LimitsApi
from parley.features.limits.service import Limits
from parley.features.memories.api import MemoriesApi
from parley.features.memories.service import Memories
from parley.features.scenes.api import ScenesApi
from parley.features.scenes.service import Scenes
from parley.features.turns.api.rest import TurnsApi
from parley.features.turns.service.turns import Turns
from parley.kernel.errors import (
    AppError,
    CharacterNotFound,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Unauthorized,
)
from parley.kernel.ids import CharacterId
from parley.kernel.wire import path_id
from parley.shell.errors import told

Routes = Sequence[ControllerRouterHandler]

log = structlog.get_logger(__name__)

API: Routes = (
    ProfileApi,
    UsersApi,
    LimitsApi,
    CharactersApi,
    TagsApi,
    AvatarsApi,
    ChatsApi,
    MemoriesApi,
    ScenesApi,
    TurnsApi,
    ChatApi,
    ModelsApi,
    EmbeddingsApi,
)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the routes need."""

    identity: Identity
    limits: Limits
    characters: Characters
    chats: Chats
    memories: Memories
    scenes: Scenes
    turns: Turns
    idempotency: Idempotency
    completions: Completions


def viewer_of(person: Needs[Person]) -> Viewer:
    """The person as the catalogue sees them."""
    return Viewer(person.id, person.is_adult_confirmed, person.display_name)


def build(services: Services, more: Routes) -> Litestar:
    """The application with all routes; ``more`` are the shell's own."""
    return Litestar(
        # One router merges the handlers that features put at the same path.
        route_handlers=[Router("/", route_handlers=[*API, *more])],
        dependencies=_dependencies(services),
        before_request=_options,
        exception_handlers={AppError: _told, Refused: _told, HTTPException: _framework_error, Exception: _fault},
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


async def _options(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Answer OPTIONS with all methods of the path: the framework's own answer forgets those of merged routes."""
    if request.method != "OPTIONS":
        return None
    here = request.scope["path_template"]
    routes = (each for each in request.app.routes if isinstance(each, HTTPRoute) and each.path_format == here)
    allowed = sorted({method for route in routes for method in route.methods})
    return Response(b"", status_code=204, headers={"Allow": ", ".join(allowed)})


def _dependencies(services: Services) -> dict[str, Provide]:
    async def character(viewer: Needs[Viewer], character_id: FromPath[str]) -> CharacterId:
        """The character of the path, if the person may look at it."""
        return (await services.characters.visible(viewer, _character_id(character_id))).id

    async def talk_to(viewer: Needs[Viewer], character_id: FromPath[str]) -> Character:
        """The character of the path with everything a prompt needs."""
        return await services.characters.visible(viewer, _character_id(character_id))

    return {
        "person": _now(_person),
        "viewer": _now(viewer_of),
        "character": Provide(character),
        "talk_to": Provide(talk_to),
        "identity": _now(lambda: services.identity),
        "limits": _now(lambda: services.limits),
        "characters": _now(lambda: services.characters),
        "chats": _now(lambda: services.chats),
        "memories": _now(lambda: services.memories),
        "scenes": _now(lambda: services.scenes),
        "turns": _now(lambda: services.turns),
        "idempotency": _now(lambda: services.idempotency),
        "completions": _now(lambda: services.completions),
    }


def _now(give: Callable[..., Any]) -> Provide:
    return Provide(give, sync_to_thread=False)


def _person(request: Request[Any, Any, Any]) -> Person:
    """Who calls: the edge has found out before any route was looked for."""
    person: Person | None = request.scope["state"]["call"].person
    if person is None:
        raise Unauthorized
    return person


def _character_id(text: str) -> CharacterId:
    return CharacterId(path_id(text, CharacterNotFound()))


# --- errors ----------------------------------------------------------------------------------------


def _told(request: Request[Any, Any, Any], error: AppError | Refused) -> Response[bytes]:
    call = request.scope["state"]["call"]
    answer = told(error, call.door, call.language)
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers), media_type="application/json")


def _framework_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses, in our words."""
    if isinstance(error, NotFoundException):
        return _told(request, NotFound())
    if isinstance(error, MethodNotAllowedException):
        response = _told(request, MethodNotAllowed())
        response.headers["Allow"] = (error.headers or {}).get("allow", "")
        return response
    if error.status_code == 413:
        return _told(request, PayloadTooLarge())
    if error.status_code < 500:
        return _told(request, InvalidInput())
    return _fault(request, error)


def _fault(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: the log gets it, the caller only learns that there is one."""
    log.error("fault", request_id=request.scope["state"]["call"].request_id, exc_info=error)
    return _told(request, AppError())
