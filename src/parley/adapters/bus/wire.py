"""Signals as they travel between processes: ``["who", "Kind", {…}]`` in JSON."""

from typing import Any, Final, get_args

import msgspec

from parley.kernel.ports import Signal

_ENVELOPE: Final = msgspec.json.Decoder(tuple[str, str, msgspec.Raw])
_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    kind.__name__: msgspec.json.Decoder(kind) for kind in get_args(Signal)
}


def encoded(origin: str, signal: Signal) -> bytes:
    """A signal on its way; ``origin`` is the process it comes from."""
    return msgspec.json.encode((origin, type(signal).__name__, signal))


def decoded(payload: bytes) -> tuple[str, Signal] | None:
    """Where a signal comes from and what it says; None for one this version does not know."""
    try:
        origin, kind, body = _ENVELOPE.decode(payload)
        decoder = _DECODERS.get(kind)
        return None if decoder is None else (origin, decoder.decode(body))
    except msgspec.DecodeError:
        return None
