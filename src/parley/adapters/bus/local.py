"""The bus of one process: listeners are called where the signal is published."""

from collections import defaultdict
from collections.abc import Callable
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
