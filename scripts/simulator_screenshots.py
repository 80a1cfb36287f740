"""Pictures of every screen of the simulator's web client, for people to look at.

    PYTHONPATH=tests .venv/bin/python scripts/simulator_screenshots.py [--only phone-dark-en]

Runs the simulator on a free port of 127.0.0.1 with a bot that shows everything a bot can show and a Mini App that
speaks the host's protocol, and walks through it in a headless Chromium: three sizes, light and dark, Russian and
English. It also fails when the page throws, when its console says anything, when the content security policy is
broken or when something is wider than the screen.

Needs what `scripts/screenshots.py` needs: the dev requirement `playwright` and a Chromium.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from aiohttp import ClientSession
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright

from parley_simulator.server import running
from support.showcase import Language, Simulated, Visitor, answering, converse, introduce, served_app

SIZES: Final = {"wide": (1440, 900), "middle": (1024, 768), "phone": (390, 844)}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
LANGUAGES: Final[tuple[Language, ...]] = ("ru", "en")
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass
class Look:
    """One walk: the size and colours of the screen, the language, the person. No slots: playwright marks it."""

    size: str
    scheme: Literal["light", "dark"]
    visitor: Visitor
    folder: Path
    faults: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.size}-{self.scheme}-{self.visitor.language}"

    @property
    def words(self) -> dict[str, str]:
        return self.visitor.words

    async def shoot(self, page: Page, scene: str) -> None:
        """Take the picture, and look whether anything sticks out."""
        await page.wait_for_timeout(450)
        await page.screenshot(path=self.folder / f"{scene}-{self.name}.png")
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            self.faults.append(f"{self.name}: {scene} is {wide} pixels too wide")

    def hear(self, message: ConsoleMessage) -> None:
        """The console of this page has nothing to say."""
        self.faults.append(f"{self.name}: {message.text}")


# --- the walk ----------------------------------------------------------------------------------------


async def walk(page: Page, simulated: Simulated, look: Look, link: str) -> None:
    """All screens in one look."""
    await page.goto(f"{simulated.base}/#person={look.visitor.id}")
    await page.wait_for_selector(".chat")
    await look.shoot(page, "01-chats")
    await page.click(".chat[data-bot='42']")
    await page.wait_for_selector(".row.ends")
    await look.shoot(page, "02-conversation")
    for scene, part in (("03-first", 0.0), ("04-formatting", 0.28), ("05-files", 0.62)):
        await page.evaluate(
            "part => { const s = document.querySelector('.scroll'); s.scrollTop = s.scrollHeight * part; }", part
        )
        await look.shoot(page, scene)
    await taps(page, look)
    await writing(page, simulated, look)
    await money(page, look)
    await mini_app(page, look, link.rsplit("$", 1)[1])
    await around(page, simulated, look)


async def taps(page: Page, look: Look) -> None:
    """A button that waits, what the bot says to it, an alert, a spoiler."""
    await page.locator(".spoiler").first.click()
    await page.locator(".key", has_text=look.words["elena"]).click()
    await page.wait_for_selector(".key.waits")
    await page.wait_for_selector("dialog.ask")
    await look.shoot(page, "06-alert")
    await page.keyboard.press("Escape")
    await page.locator(".key", has_text=look.words["kira"]).click()
    await page.wait_for_selector(".toast")
    await look.shoot(page, "07-toast")


async def writing(page: Page, simulated: Simulated, look: Look) -> None:
    """Commands, a reply, and a draft that grows."""
    await page.fill(".write textarea", "/")
    await page.keyboard.press("ArrowDown")
    await look.shoot(page, "08-commands")
    await page.keyboard.press("Escape")
    await page.locator(".row.theirs .text").last.dblclick()
    await page.fill(".write textarea", look.words["tell"])
    await look.shoot(page, "09-reply")
    await page.keyboard.press("Enter")
    await simulated.call("parley", "sendChatAction", chat_id=look.visitor.id, action="typing")
    draft = {"chat_id": look.visitor.id, "draft_id": 7, "can_stop": True}
    for length in range(0, len(look.words["draft"]), 30):
        await simulated.call("parley", "sendMessageDraft", **draft, text=look.words["draft"][:length])
        if length == 0:
            await page.wait_for_selector(".thinks")
    await page.wait_for_selector(".drafting .stop:not([hidden])")
    await look.shoot(page, "10-draft")
    await page.click(".drafting .stop")
    await page.wait_for_selector(".drafting", state="detached")
    await simulated.call("parley", "sendMessage", chat_id=look.visitor.id, text=look.words["draft"])


async def money(page: Page, look: Look) -> None:
    """The sheet of an invoice, and the list of what was paid."""
    await page.locator(".key:has(.icon-star)").last.click()
    await page.wait_for_selector("dialog.sheet")
    await look.shoot(page, "11-invoice")
    await page.locator("dialog [data-outcome=cancel]").click()
    await page.wait_for_selector("dialog", state="detached")
    await page.locator(".chat-head .sign").last.click()
    await look.shoot(page, "12-menu")
    await page.get_by_role("menuitem", name=look.words["payments"]).click()
    await page.wait_for_selector(".paid-line")
    await look.shoot(page, "13-payments")
    await page.keyboard.press("Escape")


async def mini_app(page: Page, look: Look, slug: str) -> None:
    """The Mini App: opened, its popup, its full screen, its invoice, the closing question."""
    await page.click(".bot-menu")
    app = page.frame_locator(".phone iframe")
    await app.get_by_text("Cloud").wait_for()
    await page.wait_for_selector(".app-button")
    await look.shoot(page, "14-app")
    await app.get_by_role("button", name="Popup").click()
    await page.wait_for_selector(".popup")
    await look.shoot(page, "15-popup")
    await page.click(".popup-button.danger")
    await app.get_by_role("button", name="Fullscreen").click()
    await app.get_by_role("button", name="Haptics").click()
    await look.shoot(page, "16-fullscreen")
    await app.get_by_role("button", name="Leave").click()
    await app.locator("body").evaluate("(_, slug) => { window.slug = slug; }", slug)
    await app.get_by_role("button", name="Invoice").click()
    await page.wait_for_selector("dialog.sheet")
    await look.shoot(page, "17-subscription")
    await page.locator("dialog [data-outcome=pay]").click()
    await page.wait_for_selector("dialog", state="detached")
    await app.get_by_text('"status":"paid"').wait_for()
    await app.get_by_role("button", name="Close").click()
    await page.wait_for_selector(".app-sheet", state="hidden")


async def around(page: Page, simulated: Simulated, look: Look) -> None:
    """People, a bot never written to, the developers' panel."""
    if look.size == "phone":
        await page.get_by_role("button", name=look.words["back"]).first.click()
    await page.click(".me")
    await page.wait_for_selector("dialog.people")
    await look.shoot(page, "18-people")
    await page.get_by_role("button", name=look.words["newcomer"]).click()
    await page.wait_for_selector("dialog.form")
    await look.shoot(page, "19-newcomer")
    await page.keyboard.press("Escape")
    await page.click(".chat[data-bot='44']")
    await page.wait_for_selector(".intro:not([hidden])")
    await look.shoot(page, "20-start")
    await page.goto(f"{simulated.base}/#person={look.visitor.id}")
    await page.get_by_role("button", name=look.words["panel"]).click()
    await page.wait_for_selector(".calls code")
    await look.shoot(page, "21-calls")
    await page.get_by_role("tab", name=look.words["faults"]).click()
    await page.wait_for_selector(".panel-form")
    await look.shoot(page, "22-faults")


# -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def new_page(browser: Browser, look: Look) -> AsyncIterator[Page]:
    """A fresh browser, in the look's size, colours and language."""
    width, height = SIZES[look.size]
    is_hand_held = look.size == "phone"
    context = await browser.new_context(
        viewport=ViewportSize(width=width, height=height),
        color_scheme=look.scheme,
        locale={"ru": "ru-RU", "en": "en-US"}[look.visitor.language],
        has_touch=is_hand_held,
        is_mobile=is_hand_held,
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", look.hear)
    page.on("pageerror", lambda error: look.faults.append(f"{look.name}: {error}"))
    yield page
    await context.close()


async def shoot_empty(browser: Browser, look: Look) -> None:
    """What a person sees before there is any bot."""
    async with running() as base, new_page(browser, look) as page:
        await page.goto(base)
        await page.wait_for_selector(".welcome form")
        await look.shoot(page, "00-empty")


async def shoot(browser: Browser, simulated: Simulated, look: Look) -> None:
    """One look, with a person of its own."""
    await shoot_empty(browser, look)
    link = await converse(simulated, look.visitor)
    async with new_page(browser, look) as page:
        await walk(page, simulated, look, link)
    print(look.name)


async def shoot_all(folder: Path, chromium: str, only: str) -> list[str]:
    """Every look, one after the other; what was wrong."""
    kinds = [(size, scheme, language) for size in SIZES for scheme in SCHEMES for language in LANGUAGES]
    looks = [
        Look(size, scheme, Visitor(1001 + number, language), folder)
        for number, (size, scheme, language) in enumerate(kinds)
    ]
    async with async_playwright() as playwright, running() as base, served_app() as app, ClientSession() as http:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        simulated = Simulated(http, base, app)
        await introduce(simulated)
        await simulated.sim("limits", enabled=False)
        async with asyncio.TaskGroup() as tasks:
            bot = tasks.create_task(answering(simulated))
            for look in looks:
                if only in look.name:
                    await shoot(browser, simulated, look)
            bot.cancel()
        await browser.close()
    return [fault for look in looks for fault in look.faults]


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("screens/simulator"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--only", default="", help="looks whose name has this in it")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    faults = asyncio.run(shoot_all(asked.folder, asked.chromium, asked.only))
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
