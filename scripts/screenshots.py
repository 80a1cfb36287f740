"""Pictures of every screen of the front page and of the API's page, for people to look at.

    PYTHONPATH=tests .venv/bin/python scripts/screenshots.py [--only phone-dark-en]

Runs Parley itself with a scripted model on a free port of 127.0.0.1 and walks through it in a headless Chromium: three
sizes, light and dark, Russian and English. It also fails when the page throws, when its console says anything but the
status of a refused request, when the content security policy is broken or when something is wider than the screen.

Needs the dev requirement `playwright` (the Python package; its own browsers are not used) and a Chromium: on Debian
`apt-get install chromium`.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import structlog
from playwright.async_api import Browser, ConsoleMessage, Page, Route, ViewportSize, async_playwright

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.adapters.llm.embedded import TRAITS
from parley.catalogue import sample_cards
from parley.kernel.ports import ModelFailed
from support.app import AppUnderTest, Someone

SIZES: Final = {"tiny": (320, 640), "phone": (390, 844), "desk": (1280, 800)}
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Language = Literal["ru", "en"]
SAYS: Final[dict[Language, tuple[str, str, str]]] = {
    "ru": (
        "Привет! Чем занимаешься этим вечером?",
        (
            "*откладывает карандаш и поднимает глаза* Рисую дождь за окном. Знаешь, у каждой капли свой характер: одна"
            " спешит, другая до последнего держится за стекло. А как прошёл твой день?"
        ),
        "Слушаю дождь и думаю, чем бы тебя удивить. *двигает к тебе чашку с чаем* Рассказывай, я вся внимание!",
    ),
    "en": (
        "Hi! What are you up to this evening?",
        (
            "*puts the pencil down and looks up* Drawing the rain outside. You know, every drop has a temper of its"
            " own: one hurries, another holds on to the glass to the last. And how was your day?"
        ),
        "Listening to the rain, wondering how to surprise you. *moves a cup of tea towards you* Do tell!",
    ),
}
"""A question, an answer, another answer."""


@dataclass
class Look:
    """One walk: the size and colours of the screen, the language. It has no slots: playwright leaves a mark on it."""

    size: str
    scheme: Literal["light", "dark"]
    language: Language
    folder: Path
    faults: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.size}-{self.scheme}-{self.language}"

    async def shoot(self, page: Page, scene: str) -> None:
        """Take the picture, and look whether anything sticks out."""
        await page.wait_for_timeout(250)
        await page.screenshot(path=self.folder / f"{scene}-{self.name}.png")
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            self.faults.append(f"{self.name}: {scene} is {wide} pixels too wide")

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the console says beside refused requests, which some scenes are about."""
        if not message.text.startswith("Failed to load resource: the server responded with a status of 4"):
            self.faults.append(f"{self.name}: {message.text}")


@asynccontextmanager
async def new_page(browser: Browser, look: Look) -> AsyncIterator[Page]:
    """A fresh browser, in the look's size, colours and language."""
    width, height = SIZES[look.size]
    is_hand_held = look.size != "desk"
    context = await browser.new_context(
        viewport=ViewportSize(width=width, height=height),
        color_scheme=look.scheme,
        locale={"ru": "ru-RU", "en": "en-US"}[look.language],
        has_touch=is_hand_held,
        is_mobile=is_hand_held,
        device_scale_factor=1,
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", look.hear)
    page.on("pageerror", lambda error: look.faults.append(f"{look.name}: {error}"))
    yield page
    await context.close()


# --- the walk --------------------------------------------------------------------------------------


async def walk(browser: Browser, app: AppUnderTest, look: Look, person: Someone) -> None:
    """All screens in one look."""
    async with new_page(browser, look) as page:
        await sign_in_as_in_the_demo(page, person)
        await page.goto(app.base_url)
        await page.wait_for_selector(".card")
        await look.shoot(page, "01-list")
        await page.get_by_role("searchbox").fill("гадалка кофе" if look.language == "ru" else "airship")
        await page.wait_for_timeout(500)
        await look.shoot(page, "02-search")
        await conversation(page, app, look)
        await settings(page, look)
        await refusals(page, app, look, person)
    async with new_page(browser, look) as page:
        await page.goto(app.base_url)
        await page.wait_for_selector(".welcome")
        await look.shoot(page, "13-welcome")
        await page.goto(f"{app.base_url}/schema")
        await page.wait_for_selector("section")
        await look.shoot(page, "14-schema")
        await page.click("#post_api_chats_character_id_messages > summary")
        await look.shoot(page, "15-operation")


async def sign_in_as_in_the_demo(page: Page, person: Someone) -> None:
    """Answer for `/demo/init-data`, which the application under test does not have."""

    async def answer(route: Route) -> None:
        await route.fulfill(body=person.init_data, headers={"X-Parley-Model": TRAITS.name})

    await page.route("**/demo/init-data", answer)


async def conversation(page: Page, app: AppUnderTest, look: Look) -> None:
    """A first message, its answer while it is written, and another answer."""
    question, answer, another = SAYS[look.language]
    await talk_to(page, app, "Кира")
    await look.shoot(page, "03-greeting")
    waits = asyncio.Event()
    words = answer.split(" ")
    app.model.will_say(" ".join(words[:14]), " " + " ".join(words[14:]), wait=waits)
    await page.fill(".composer textarea", question)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".writing")
    await look.shoot(page, "04-streaming")
    waits.set()
    await page.wait_for_selector("[data-does=regenerate]")
    app.model.will_say(another)
    await page.click("[data-does=regenerate]")
    await page.wait_for_selector("[data-does=previous]:enabled")
    await look.shoot(page, "05-variants")
    await page.locator(".mine [data-does=edit]").last.click()
    await page.wait_for_selector(".editor textarea")
    await look.shoot(page, "06-editing")
    await page.keyboard.press("Escape")


async def settings(page: Page, look: Look) -> None:
    """The settings, and the question before everything is forgotten."""
    await page.locator("#chat > header button").last.click()
    await page.wait_for_selector("dialog.settings")
    await look.shoot(page, "07-settings")
    await page.click("dialog .danger")
    await page.wait_for_selector("dialog.ask")
    await look.shoot(page, "08-sure")
    await page.keyboard.press("Escape")


async def refusals(page: Page, app: AppUnderTest, look: Look, person: Someone) -> None:
    """What cannot be had, and what to do about it."""
    question = SAYS[look.language][0]
    app.model.will_fail(ModelFailed("server", status=500))
    await page.fill(".composer textarea", question)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".notice .primary")
    await look.shoot(page, "09-no-answer")
    await talk_to(page, app, "Elena Marlowe")
    await page.wait_for_selector(".notice:not([hidden])")
    await look.shoot(page, "10-premium")
    await page.goto(app.base_url)
    await page.click(".toggle")
    await page.wait_for_selector(".empty .primary")
    await look.shoot(page, "11-adult")
    kira = await number_of(person, "Кира")
    while (await person.says(kira, question)).status == 200:
        continue
    await talk_to(page, app, "Кира")
    await page.fill(".composer textarea", question)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".failed")
    await look.shoot(page, "12-daily-limit")


async def talk_to(page: Page, app: AppUnderTest, name: str) -> None:
    """Pick somebody from the whole list."""
    await page.goto(app.base_url)
    await page.locator(".card", has_text=name).first.click()
    await page.wait_for_selector(".state[data-line=open], .state[data-line=refused]")


async def number_of(person: Someone, name: str) -> int:
    """The id of a character."""
    listed = (await person.get("/api/characters")).json["characters"]
    return next(int(each["id"]) for each in listed if each["name"] == name)


# ---------------------------------------------------------------------------------------------------


async def shoot_all(folder: Path, chromium: str, only: str) -> list[str]:
    """Every look, one after the other; what was wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    looks = [
        Look(size, scheme, language, folder)
        for size in SIZES
        for scheme in ("light", "dark")
        for language in ("ru", "en")
    ]
    with tempfile.TemporaryDirectory() as home:
        async with async_playwright() as playwright, running(home) as app:
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            for number, look in enumerate(looks):
                if only in look.name:
                    name = {"ru": "Алекс", "en": "Alex"}[look.language]
                    await walk(browser, app, look, app.person(1000 + number, name, look.language))
                    print(look.name)
            await browser.close()
    return [fault for look in looks for fault in look.faults]


@asynccontextmanager
async def running(home: str) -> AsyncIterator[AppUnderTest]:
    """Parley with the sample catalogue."""
    db = await open_database(f"sqlite:///{home}/screens.db", SystemClock())
    try:
        async with AppUnderTest.running(db, rate_limits="off") as app:
            for card in sample_cards():
                await app.parley.cards.put(card)
            yield app
    finally:
        await db.close()


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("screens"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--only", default="", help="looks whose name has this in it")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    faults = asyncio.run(shoot_all(asked.folder, asked.chromium, asked.only))
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
