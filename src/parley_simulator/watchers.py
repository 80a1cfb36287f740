"""Who looks at the world: every open page of the web client."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from parley_simulator.wire import encode

_BACKLOG = 10_000


class Watcher:
    """One page; equal news within a moment are told once."""

    def __init__(self) -> None:
        self.came = asyncio.Event()
        self.is_closed = False
        self._news: dict[bytes, None] = {}

    def tell(self, news: bytes) -> None:
        """Keep the news until the page takes them."""
        if len(self._news) < _BACKLOG:
            self._news[news] = None
        self.came.set()

    def take(self) -> list[bytes]:
        """The news since the last time."""
        news = list(self._news)
        self._news.clear()
        self.came.clear()
        return news

    def close(self) -> None:
        """No more will come."""
        self.is_closed = True
        self.came.set()


class Watchers:
    """All pages."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()

    def __bool__(self) -> bool:
        return bool(self._watchers)

    def tell(self, **news: object) -> None:
        """Tell all of them."""
        if self._watchers:
            told = encode(news)
            for watcher in self._watchers:
                watcher.tell(told)

    def close(self) -> None:
        """Send all of them home."""
        for watcher in self._watchers:
            watcher.close()

    @contextmanager
    def watcher(self) -> Iterator[Watcher]:
        """One more page, for as long as it is open."""
        watcher = Watcher()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
