"""The bus of one process: listeners are called where the signal is published."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from parley.kernel.ids import ChatId
from parley.kernel.ports import Listener, Signal


@dataclass(slots=True)
class LocalBus:
    """Carries signals within one process."""

    _listeners: defaultdict[ChatId, dict[object, Listener]] = field(
        default_factory=lambda: defaultdict(dict), repr=False
    )

    async def publish(self, chat: ChatId, signal: Signal) -> None:
        """Call every listener of the chat."""
        self.tell_here(chat, signal)

    def tell_here(self, chat: ChatId, signal: Signal) -> None:
        """Call every listener of the chat."""
        for listener in tuple(self._listeners.get(chat, {}).values()):
            listener(signal)

    def listen(self, chat: ChatId, listener: Listener) -> Callable[[], None]:
        """Hear the chat's signals until the returned function is called."""
        ticket = object()
        self._listeners[chat][ticket] = listener

        def silence() -> None:
            heard = self._listeners.get(chat)
            if heard is not None:
                heard.pop(ticket, None)
                if not heard:
                    del self._listeners[chat]

        return silence

    def watched(self) -> Collection[ChatId]:
        """None: what never leaves the process is never lost."""
        return ()

    # --- for a bus that reaches further

    @property
    def chats(self) -> Collection[ChatId]:
        """Those that somebody listens to."""
        return self._listeners.keys()
