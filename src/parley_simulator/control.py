"""The control interface `/sim`: what a person does, and what a test may arrange, as HTTP."""

import msgspec
from aiohttp import web
from msgspec import UNSET

from parley_simulator import bodies, init_data, people
from parley_simulator.asking import answer, body_of, bot_of, number_in, person_of
from parley_simulator.faults import Fault
from parley_simulator.payments import control as payments
from parley_simulator.refusal import Refused
from parley_simulator.state import Bot, Person, PrivateChat
from parley_simulator.wire import Json, whole_number
from parley_simulator.world import World

_FIRST_PERSON = 1001
_CALL_FILTERS = {"bot", "method", "after"}


class Control:
    """Answers `/sim`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Every call of the interface."""
        return [
            web.get("/sim/bots", self.bots),
            web.get("/sim/bots/{bot}", self.bot),
            web.post("/sim/reset", self.reset),
            web.post("/sim/users", self.put_user),
            web.get("/sim/users/{user}", self.user),
            web.post("/sim/chats/{bot}/messages", self.write),
            web.post("/sim/chats/{bot}/edits", self.correct),
            web.get("/sim/chats/{bot}/{chat}", self.chat),
            web.post("/sim/callbacks", self.tap),
            web.get("/sim/callbacks/{callback}", self.callback),
            web.post("/sim/payments", self.pay),
            web.post("/sim/subscriptions/{charge}", self.subscription),
            web.post("/sim/drafts/stop", self.stop_draft),
            web.post("/sim/block", self.block),
            web.post("/sim/init-data", self.init_data),
            web.get("/sim/calls", self.calls),
            web.post("/sim/limits", self.limits),
            web.post("/sim/faults", self.faults),
            web.post("/sim/hold", self.hold),
            web.post("/sim/redeliver", self.redeliver),
        ]

    # --- who there is -----------------------------------------------------------------------------

    async def bots(self, _request: web.Request) -> web.Response:
        """All bots; also tells that the server is ready."""
        return answer({"bots": [shown_bot(self._world, bot) for bot in self._world.bots.values()]})

    async def bot(self, request: web.Request) -> web.Response:
        """One bot."""
        return answer(shown_bot(self._world, bot_of(self._world, number_in(request, "bot"))))

    async def reset(self, request: web.Request) -> web.Response:
        """Forget everything."""
        await body_of(request, bodies.Nothing)
        self._world.reset()
        return answer({})

    async def put_user(self, request: web.Request) -> web.Response:
        """A new person, or one who changes."""
        profile = await body_of(request, bodies.Profile)
        everyone = self._world.people
        number = profile.id if profile.id is not UNSET else max(everyone, default=_FIRST_PERSON - 1) + 1
        given = {name: value for name, value in msgspec.structs.asdict(profile).items() if value is not UNSET}
        given["id"] = number
        before = everyone.get(number)
        everyone[number] = _changed(before, given) if before else Person(**given)
        self._world.watchers.tell(kind="state")
        return answer(shown_person(everyone[number]))

    async def user(self, request: web.Request) -> web.Response:
        """One person."""
        return answer(shown_person(person_of(self._world, number_in(request, "user"))))

    # --- what a person does -----------------------------------------------------------------------

    async def write(self, request: web.Request) -> web.Response:
        """Write to a bot."""
        bot = bot_of(self._world, number_in(request, "bot"))
        written = await body_of(request, bodies.Written)
        person = person_of(self._world, written.person)
        update, message = people.write(self._world, bot, person, written.text, written.reply_to, written.date)
        return answer({"update_id": update, "message": message})

    async def correct(self, request: web.Request) -> web.Response:
        """Edit a message."""
        bot = bot_of(self._world, number_in(request, "bot"))
        new = await body_of(request, bodies.Corrected)
        person = person_of(self._world, new.person)
        update, message = people.correct(self._world, bot, person, new.message_id, new.text)
        return answer({"update_id": update, "message": message})

    async def chat(self, request: web.Request) -> web.Response:
        """What the person sees now."""
        bot = bot_of(self._world, number_in(request, "bot"))
        person = person_of(self._world, number_in(request, "chat"))
        return answer(_shown_chat(bot.look_into(person.id), self._world.clock.now()))

    async def tap(self, request: web.Request) -> web.Response:
        """Tap an inline button."""
        tapped = await body_of(request, bodies.Tapped)
        bot, person = self._both(tapped.bot, tapped.person)
        update, query = people.tap(self._world, bot, person, tapped.message_id, tapped.data, stale=tapped.stale)
        return answer({"update_id": update, "callback_query_id": query})

    async def callback(self, request: web.Request) -> web.Response:
        """How the bot answered a tap."""
        callback = self._world.callbacks.get(request.match_info["callback"])
        if callback is None:
            raise Refused(404, "no such callback query")
        return answer({"answered": callback.answered, "text": callback.text, "show_alert": callback.show_alert})

    async def pay(self, request: web.Request) -> web.Response:
        """Pay an invoice, or not."""
        return answer(await payments.pay(self._world, await body_of(request, bodies.Paying)))

    async def subscription(self, request: web.Request) -> web.Response:
        """What becomes of a subscription."""
        asked = await body_of(request, bodies.Changing)
        return answer(payments.change_subscription(self._world, request.match_info["charge"], asked))

    async def stop_draft(self, request: web.Request) -> web.Response:
        """Stop what the bot is writing."""
        stopped = await body_of(request, bodies.Stopped)
        bot, person = self._both(stopped.bot, stopped.person)
        return answer({"update_id": people.stop_draft(self._world, bot, person, stopped.draft_id)})

    async def block(self, request: web.Request) -> web.Response:
        """Block a bot or unblock it."""
        asked = await body_of(request, bodies.Blocked)
        bot, person = self._both(asked.bot, asked.person)
        return answer({"update_id": people.block(self._world, bot, person, blocked=asked.blocked)})

    async def init_data(self, request: web.Request) -> web.Response:
        """Launch the Mini App."""
        launched = await body_of(request, bodies.Launched)
        bot, person = self._both(launched.bot, launched.user)
        signed = init_data.signed(bot, person, self._world.clock.now(), launched.start_param)
        url = init_data.launch_url(bot, person, signed, launched.start_param)
        return answer({"init_data": signed, "url": url})

    # --- what a test arranges ---------------------------------------------------------------------

    async def calls(self, request: web.Request) -> web.Response:
        """The Bot API calls that were answered."""
        if unknown := request.query.keys() - _CALL_FILTERS:
            raise Refused(400, f"unknown filter: {min(unknown)}")
        bot, after = _number(request, "bot"), _number(request, "after")
        method = request.query.get("method", "").lower()
        shown = [
            call.shown
            for call in self._world.calls.after(after or 0)
            if bot in {None, call.bot} and method in {"", call.method.lower()}
        ]
        return answer({"calls": shown})

    async def limits(self, request: web.Request) -> web.Response:
        """How often bots may speak."""
        limited = await body_of(request, bodies.Limited)
        given = {name: value for name, value in msgspec.structs.asdict(limited).items() if value is not UNSET}
        limits = self._world.limits
        if given:
            limits.change(msgspec.structs.replace(limits.rates, **given))
        return answer(limits.rates)

    async def faults(self, request: web.Request) -> web.Response:
        """What goes wrong next."""
        broken = await body_of(request, bodies.Broken)
        if broken.bot is not None:
            bot_of(self._world, broken.bot)
        self._world.faults.add(Fault(**msgspec.structs.asdict(broken) | {"method": broken.method.lower()}))
        return answer({})

    async def hold(self, request: web.Request) -> web.Response:
        """Let updates wait, or go."""
        held = await body_of(request, bodies.Held)
        bot_of(self._world, held.bot).updates.hold(hold=held.hold)
        return answer({})

    async def redeliver(self, request: web.Request) -> web.Response:
        """Deliver updates again."""
        asked = await body_of(request, bodies.Redelivered)
        if not bot_of(self._world, asked.bot).updates.redeliver(asked.update_ids):
            raise Refused(404, "no such update among the last 1000")
        return answer({})

    def _both(self, bot: int, person: int) -> tuple[Bot, Person]:
        return bot_of(self._world, bot), person_of(self._world, person)


def shown_bot(world: World, bot: Bot) -> Json:
    """A bot as the interface shows it."""
    now = world.clock.now()
    return {
        "id": bot.id,
        "username": bot.username,
        "allowed_updates": bot.updates.allowed,
        "webhook_url": bot.webhook.target.url if bot.webhook else "",
        "pending_update_count": bot.updates.pending(now),
        "polling": bot.polls.is_polling(now),
        "commands": bot.commands_for(0, ""),
        "held": bot.updates.held,
    }


def shown_person(person: Person) -> Json:
    """A person and their Stars."""
    return person.user | {"stars": person.stars}


def _changed(person: Person, given: Json) -> Person:
    for name, value in given.items():
        setattr(person, name, value)
    return person


def _shown_chat(chat: PrivateChat, now: float) -> Json:
    draft = chat.draft_at(now)
    return {
        "messages": list(chat.messages.values()),
        "deleted": chat.deleted,
        "draft": {"draft_id": draft.id, "text": draft.text} if draft else None,
        "action": chat.action_at(now),
    }


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    number = whole_number(text)
    if number is None:
        raise Refused(400, f"{name} is not a number")
    return number
