"""The edges of a turn: `rest` and its event `stream`, and the `websocket`."""
