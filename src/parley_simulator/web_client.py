"""The web client: its static files and the calls for it alone."""

import asyncio
from pathlib import Path
from typing import Final

from aiohttp import web

from parley_simulator import bodies, people
from parley_simulator.asking import answer, body_of, bot_of, number_in, person_of
from parley_simulator.control import shown_bot, shown_person
from parley_simulator.payments import control as payments
from parley_simulator.refusal import Refused
from parley_simulator.state import Bot, Person
from parley_simulator.wire import Json, whole_number
from parley_simulator.world import World

FILES: Final = Path(__file__).parent / "web"
_KINDS: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webmanifest": "application/manifest+json",
}
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:;"
        " font-src 'self'; frame-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_QUIET: Final = 15.0
_MOMENT: Final = 0.05
"""Seconds: a line that says nothing shows so often that it lives; news are gathered for a moment."""


class WebClient:
    """Answers `/` and `/web`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Every call of the client, and its files."""
        return [
            web.get("/web/state", self.state),
            web.get("/web/events", self.events),
            web.get("/web/invoices/{slug}", self.invoice),
            web.get("/web/payments/{bot}/{person}", self.payments),
            web.get("/web/files/{bot}/{file}", self.file),
            web.post("/web/data", self.data),
            web.post("/web/read", self.read),
            web.get("/", self.page),
            web.get("/{path:.+}", self.page),
        ]

    async def state(self, request: web.Request) -> web.Response:
        """Everything beside the messages, as this person sees it."""
        number = whole_number(request.query.get("person", ""))
        person = None if number is None else self._world.people.get(number)
        bots = list(self._world.bots.values())
        return answer(
            {
                "bots": [self._shown_bot(bot, person) for bot in bots],
                "people": [shown_person(each) for each in self._world.people.values()],
                "chats": [self._shown_chat(bot, person.id) for bot in bots if person and person.id in bot.chats],
            }
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What changes, for as long as the page is open."""
        line = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        with self._world.watchers.watcher() as watcher:
            await line.prepare(request)
            await line.write(b": \n\n")
            while not watcher.is_closed:
                if await self._world.clock.within(_QUIET, watcher.came):
                    await asyncio.sleep(_MOMENT)
                news = [b"data: %s\n\n" % each for each in watcher.take()]
                await line.write(b"".join(news) or b": \n\n")
        return line

    async def invoice(self, request: web.Request) -> web.Response:
        """What a link asks for."""
        return answer(payments.invoice(self._world, request.match_info["slug"]))

    async def payments(self, request: web.Request) -> web.Response:
        """What a person paid to a bot."""
        return answer(payments.payments(self._world, number_in(request, "bot"), number_in(request, "person")))

    async def file(self, request: web.Request) -> web.Response:
        """The bytes of a file the bot sent."""
        stored = bot_of(self._world, number_in(request, "bot")).files.get(request.match_info["file"])
        if stored is None:
            raise Refused(404, "no such file")
        # What a bot sent must not run as a page of this origin: pictures are shown, all else is saved.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        if not stored.width:
            headers["Content-Disposition"] = "attachment"
        kind = (
            stored.mime_type if stored.width and stored.mime_type.startswith("image/") else "application/octet-stream"
        )
        return web.Response(body=stored.data, headers=headers | {"Content-Type": kind})

    async def data(self, request: web.Request) -> web.Response:
        """What an app behind a keyboard button gave."""
        given = await body_of(request, bodies.HandedOver)
        if len(given.data.encode()) > 4096:
            raise Refused(400, "data has at most 4096 bytes")
        bot, person = bot_of(self._world, given.bot), person_of(self._world, given.person)
        update, message = people.hand_over(self._world, bot, person, given.button_text, given.data)
        return answer({"update_id": update, "message": message})

    async def read(self, request: web.Request) -> web.Response:
        """The person has seen the chat."""
        read = await body_of(request, bodies.Read)
        bot_of(self._world, read.bot).chat_with(person_of(self._world, read.person).id).unread = 0
        return answer({})

    async def page(self, request: web.Request) -> web.StreamResponse:
        """A file of the client."""
        path = _file_at(request.match_info.get("path", "index.html"))
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=_HEADERS | {"Content-Type": _KINDS[path.suffix]})

    def _shown_chat(self, bot: Bot, person: int) -> Json:
        chat = bot.chats[person]
        draft = chat.draft_at(self._world.clock.now())
        return {
            "bot": bot.id,
            "last": next(reversed(chat.messages.values()), None),
            "unread": chat.unread,
            "blocked": chat.blocked,
            "started": chat.started,
            "can_stop": bool(draft and draft.can_stop),
        }

    def _shown_bot(self, bot: Bot, person: Person | None) -> Json:
        number, language = (person.id, person.language_code or "") if person else (0, "")
        return shown_bot(self._world, bot) | {
            "name": bot.names.get(language) or bot.name,
            "description": bot.descriptions.get(language) or bot.descriptions.get("", ""),
            "short_description": bot.short_descriptions.get(language) or bot.short_descriptions.get("", ""),
            "menu_button": bot.menu_button_for(number),
            "commands": bot.commands_for(number, language),
        }


def _file_at(asked: str) -> Path | None:
    """The client's file of this name; None for all that is elsewhere, and for what no file can be named."""
    try:
        path = (FILES / asked).resolve()
        return path if path.is_relative_to(FILES) and path.suffix in _KINDS and path.is_file() else None
    except (OSError, ValueError):  # too long, or with a NUL inside
        return None
