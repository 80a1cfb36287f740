"""A headless Chromium of the system's."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from playwright.async_api import ConsoleMessage, Error, Page, ViewportSize, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass(slots=True)
class Complaints:
    """What the page's console and its scripts complained of."""

    heard: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to this page."""
        page.on("console", lambda message: self._said(message))  # noqa: PLW0108  it writes into what a method is of
        page.on("pageerror", lambda error: self._threw(error))  # noqa: PLW0108  see above

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.heard.append(message.text)

    def _threw(self, error: Error) -> None:
        self.heard.append(str(error))


@asynccontextmanager
async def browser_page(width: int = 1440, height: int = 900) -> AsyncIterator[Page]:
    """A fresh page; fails the test in the end if the page complained of anything."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.fail("no Chromium on the PATH: scripts/chromium_fits says how to get one")
    complaints = Complaints()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            page = await browser.new_page(viewport=ViewportSize(width=width, height=height), locale="ru-RU")
            complaints.watch(page)
            yield page
        finally:
            await browser.close()
    assert complaints.heard == []
