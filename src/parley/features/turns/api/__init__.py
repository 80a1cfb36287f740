"""The edges of a turn: `rest`, its event `stream`, the `websocket`, and `live`, what a viewer has yet to be sent."""
