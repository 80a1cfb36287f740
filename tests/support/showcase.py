"""A bot that shows everything a bot can show, and a person to show it to: for pictures and browser tests."""

import asyncio
import json
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from aiohttp import ClientSession, FormData, web

MINI_APP: Final = Path(__file__).parents[1] / "simulator/mini_app.html"
TOKENS: Final = {"parley": "42:TEST", "planner": "43:TEST", "echo": "44:TEST"}
LONG_AGO: Final = 1_795_240_000
"""The day before everything else is said."""
Language = Literal["ru", "en"]
Json = dict[str, Any]

WORDS: Final[dict[Language, dict[str, str]]] = {
    "ru": {
        "name": "Алекс", "hello": "Привет! Я <b>Parley</b>. Здесь живут персонажи, с которыми можно поговорить."
        " Выберите кого-нибудь или откройте приложение.", "kira": "Кира", "elena": "Элена", "choose": "Выбрать",
        "remove": "Удалить", "main": "Главное", "open": "Открыть", "site": "Сайт", "copy": "Скопировать код",
        "what": "А что ты умеешь показывать?", "marks": "<b>Жирный</b>, <i>курсив</i>, <u>подчёркнутый</u>,"
        " <s>зачёркнутый</s>, <code>код</code> и <tg-spoiler>скрытое слово</tg-spoiler>."
        ' <a href="https://example.org/">Ссылка с подписью</a>, https://example.org/path, @local_43_bot, /help'
        " и #метка.", "code": "Код с языком:\n", "quote": "Дождь стучит по крыше, и каждая капля говорит своё.\nОдна"
        " спешит, другая держится за стекло до последнего.\nТретья просто падает.\nА четвёртая остаётся висеть на"
        " карнизе и думает о море.", "sunset": "Закат над горами", "file": "расписание-на-неделю.ics",
        "premium": "Премиум на месяц", "premium_about": "Все персонажи и никаких ограничений на сообщения",
        "thanks": "Спасибо! Очень красиво.", "more": "Хотите что-нибудь ещё?", "who": "Кто здесь есть?",
        "limits": "Мои лимиты", "day": "Выбрать день", "ask": "Спросите что-нибудь",
        "reminder": "Напоминание: в 18:30 встреча с Аней у метро", "chosen": "Кира выбрана",
        "alert": "Сегодня осталось пять сообщений. Завтра их снова будет пятьдесят.",
        "tell": "Расскажи мне что-нибудь про дождь", "draft": "Рисую дождь за окном. Знаешь, у каждой капли свой"
        " характер: одна спешит, другая до последнего", "stop": "Остановить", "back": "Назад", "theme": "Тема",
        "panel": "Для разработчика", "payments": "Платежи и подписки", "newcomer": "Новый человек", "echo": "Эхо",
        "echo_about": "Повторяю всё, что вы скажете.\nПросто напишите мне.", "planner": "Планировщик",
        "faults": "Сбои",
    },
    "en": {
        "name": "Alex", "hello": "Hi! I am <b>Parley</b>. Characters live here, and you can talk to them. Choose"
        " someone or open the app.", "kira": "Kira", "elena": "Elena", "choose": "Choose", "remove": "Remove",
        "main": "Main", "open": "Open", "site": "Website", "copy": "Copy the code", "what": "And what can you show?",
        "marks": "<b>Bold</b>, <i>italic</i>, <u>underlined</u>, <s>struck</s>, <code>code</code> and a"
        ' <tg-spoiler>hidden word</tg-spoiler>. <a href="https://example.org/">A link with a label</a>,'
        " https://example.org/path, @local_43_bot, /help and #tag.", "code": "Code with its language:\n",
        "quote": "Rain drums on the roof, and every drop has its say.\nOne hurries, another holds on to the glass to"
        " the last.\nThe third one simply falls.\nAnd the fourth hangs from the ledge and thinks of the sea.",
        "sunset": "Sunset over the mountains", "file": "the-week-ahead.ics", "premium": "Premium for a month",
        "premium_about": "Every character, and no limits on messages", "thanks": "Thank you! Beautiful.",
        "more": "Anything else?", "who": "Who is here?", "limits": "My limits", "day": "Pick a day",
        "ask": "Ask anything", "reminder": "Reminder: meet Ann at the station at 18:30", "chosen": "Kira it is",
        "alert": "Five messages are left today. Tomorrow there will be fifty again.",
        "tell": "Tell me something about the rain", "draft": "Drawing the rain outside. You know, every drop has a"
        " temper of its own: one hurries, another holds on", "stop": "Stop", "back": "Back", "theme": "Theme",
        "panel": "For developers", "payments": "Payments and subscriptions", "newcomer": "New person", "echo": "Echo",
        "echo_about": "I repeat whatever you say.\nJust write to me.", "planner": "Planner", "faults": "Faults",
    },
}  # fmt: skip
COMMANDS: Final[dict[Language, list[str]]] = {
    "ru": ["start Начать сначала", "characters Выбрать собеседника", "memory Что я о вас помню", "help Помощь"],
    "en": ["start Begin again", "characters Choose whom to talk to", "memory What I remember of you", "help Help"],
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person who is shown everything."""

    id: int
    language: Language

    @property
    def words(self) -> dict[str, str]:
        """What is said to them, and what their buttons say."""
        return WORDS[self.language]


@dataclass(frozen=True, slots=True)
class Simulated:
    """The simulator's two sides: the bots' and the person's."""

    http: ClientSession
    base: str
    app: str

    async def call(self, bot: str, method: str, **parameters: object) -> Any:
        """A call of the Bot API; its result."""
        async with self.http.post(f"{self.base}/bot{TOKENS[bot]}/{method}", json=parameters) as answer:
            told = await answer.json()
        if not told["ok"]:
            raise RuntimeError(f"{method}: {told['description']}")
        return told["result"]

    async def upload(self, method: str, kind: str, name: str, data: bytes, **fields: object) -> None:
        """A call of the Bot API with a file."""
        form = FormData({key: str(value) for key, value in fields.items()}, quote_fields=False)
        form.add_field(kind, data, filename=name)
        async with self.http.post(f"{self.base}/bot{TOKENS['parley']}/{method}", data=form) as answer:
            answer.raise_for_status()

    async def sim(self, path: str, **body: object) -> Any:
        """A call of the control interface."""
        async with self.http.post(f"{self.base}/sim/{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.json()


async def answering(simulated: Simulated) -> None:
    """The bot's loop: taps get their answers a moment later, payments are agreed to."""
    offset = 0
    while True:
        for update in await simulated.call("parley", "getUpdates", offset=offset, timeout=20):
            offset = update["update_id"] + 1
            if query := update.get("pre_checkout_query"):
                await simulated.call("parley", "answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)
            if tap := update.get("callback_query"):
                await asyncio.sleep(0.9)
                text, is_alert = json.loads(tap["data"])
                words = WORDS["en" if tap["from"].get("language_code") == "en" else "ru"]
                await simulated.call(
                    "parley", "answerCallbackQuery", callback_query_id=tap["id"], text=words[text], show_alert=is_alert
                )


async def introduce(simulated: Simulated) -> None:
    """Names, descriptions, commands and the menu button."""
    codes: dict[Language, str] = {"ru": "", "en": "en"}
    for language, code in codes.items():
        words = WORDS[language]
        for bot, name in (("parley", "Parley"), ("planner", words["planner"]), ("echo", words["echo"])):
            await simulated.call(bot, "setMyName", name=name, language_code=code)
        await simulated.call("echo", "setMyDescription", description=words["echo_about"], language_code=code)
        commands = [
            dict(zip(("command", "description"), each.split(" ", 1), strict=True)) for each in COMMANDS[language]
        ]
        await simulated.call("parley", "setMyCommands", commands=commands, language_code=code)
    button = {"type": "web_app", "text": "Parley", "web_app": {"url": simulated.app}}
    await simulated.call("parley", "setChatMenuButton", menu_button=button)


async def converse(simulated: Simulated, visitor: Visitor) -> str:
    """A conversation that has everything in it; a link to an invoice."""
    words, person = visitor.words, visitor.id
    await simulated.sim("users", id=person, first_name=words["name"], language_code=visitor.language, is_premium=True)
    await says(simulated, visitor, "/start", date=LONG_AGO)

    async def send(text: str, **more: object) -> Any:
        return await simulated.call("parley", "sendMessage", chat_id=person, text=text, parse_mode="HTML", **more)

    await send(words["hello"], reply_markup={"inline_keyboard": inline_keys(words, simulated.app)})
    asked = await says(simulated, visitor, words["what"])
    await send(words["marks"], reply_parameters={"message_id": asked["message_id"]})
    code = 'def hello(name: str) -> str:\n    return f"Hi, {name}!"'
    await send(f'{words["code"]}<pre><code class="language-python">{code}</code></pre>')
    quoted = await send(words["premium"])
    text = f"<blockquote expandable>{words['quote']}</blockquote>"
    await simulated.call(
        "parley", "editMessageText", chat_id=person, message_id=quoted["message_id"], text=text, parse_mode="HTML"
    )
    await simulated.upload("sendPhoto", "photo", "sunset.png", painted(), chat_id=person, caption=words["sunset"])
    await simulated.upload("sendDocument", "document", words["file"], b"BEGIN:VCALENDAR" * 1200, chat_id=person)
    return await sell(simulated, visitor, send)


async def sell(simulated: Simulated, visitor: Visitor, send: Callable[..., Awaitable[Any]]) -> str:
    """An invoice that is paid, a subscription, and the keyboard that stays below."""
    words, person = visitor.words, visitor.id
    priced = {
        "title": words["premium"], "description": words["premium_about"], "payload": "p", "currency": "XTR",
        "prices": [{"label": words["premium"], "amount": 250}],
    }  # fmt: skip
    invoice = await simulated.call("parley", "sendInvoice", chat_id=person, **priced)
    await simulated.sim("payments", bot=42, **{"from": person}, message_id=invoice["message_id"], outcome="pay")
    link = str(await simulated.call("parley", "createInvoiceLink", **priced, subscription_period=2_592_000))
    await simulated.sim("payments", bot=42, **{"from": person}, link=link, outcome="pay")
    await says(simulated, visitor, words["thanks"])
    keys = [[words["who"], words["limits"]], [{"text": words["day"], "web_app": {"url": simulated.app}}]]
    await send(
        words["more"],
        reply_markup={"keyboard": keys, "resize_keyboard": True, "input_field_placeholder": words["ask"]},
    )
    await says(simulated, visitor, "/start", bot=43)
    await simulated.call("planner", "sendMessage", chat_id=person, text=words["reminder"])
    return link


def inline_keys(words: dict[str, str], app: str) -> list[list[Json]]:
    """Buttons of every kind and style."""
    taps = {name: json.dumps([name, name == "alert"]) for name in ("chosen", "alert")}
    return [
        [
            {"text": words["kira"], "callback_data": taps["chosen"]},
            {"text": words["elena"], "callback_data": taps["alert"]},
        ],
        [
            {"text": words["choose"], "callback_data": "a", "style": "success"},
            {"text": words["remove"], "callback_data": "b", "style": "danger"},
            {"text": words["main"], "callback_data": "c", "style": "primary"},
        ],
        [{"text": words["open"], "web_app": {"url": app}}],
        [
            {"text": words["site"], "url": "https://example.org/"},
            {"text": words["copy"], "copy_text": {"text": "PARLEY"}},
        ],
    ]


async def says(simulated: Simulated, visitor: Visitor, text: str, *, bot: int = 42, date: int | None = None) -> Json:
    """The person writes; the message."""
    more = {} if date is None else {"date": date}
    written = await simulated.sim(f"chats/{bot}/messages", **{"from": visitor.id}, text=text, **more)
    message: Json = written["message"]
    return message


def painted(width: int = 480, height: int = 320) -> bytes:
    """A sunset as PNG."""

    def row(down: int) -> bytes:
        part = down / height
        sky = bytes((int(250 - 150 * part), int(170 - 110 * part), int(110 + 90 * part)))
        hill = bytes((44, 38, 92))
        ground = [abs((across * 3) % (2 * height) - height) * 0.6 + height * 0.5 for across in range(width)]
        return b"\0" + b"".join(hill if down > each else sky for each in ground)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"".join(row(down) for down in range(height))))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


@asynccontextmanager
async def served_app() -> AsyncIterator[str]:
    """The sample Mini App on an address of its own; yields it."""

    async def page(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(MINI_APP)

    app = web.Application()
    app.router.add_get("/app", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}/app"
    finally:
        await runner.cleanup()
