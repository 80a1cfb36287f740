"""uvicorn's WebSocket, lighter for the thousands that lie idle."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class LightSocket(WebSocketsSansIOProtocol):
    """Forgets its handshake once that is over: addresses and headers are a tenth of what an idle socket costs."""

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            del self.request, self.response
            self.scope["headers"] = []
            self.scope["path"] = ""
            self.scope["query_string"] = self.scope["raw_path"] = b""
