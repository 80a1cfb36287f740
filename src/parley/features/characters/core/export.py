"""Cards out again. What came in is kept as text, so JSON goes out as it came; PNG bears it twice, as V2 and as V3."""

import base64
import json
from typing import Final

from parley.features.characters.core.avatars import colours
from parley.features.characters.core.pictures import Picture
from parley.features.characters.core.png import plain_png, with_texts

_CARRIER_SIDE: Final = 400


def as_json(original: str) -> bytes:
    """The card as it was imported, byte for byte."""
    return original.encode()


def as_png(name: str, original: str, picture: Picture) -> bytes:
    """A PNG card: `ccv3` for those who read V3, `chara` for all others.

    A picture that is no PNG cannot carry text; the card then rides on a plain square of the character's colours.
    """
    root = json.loads(original, strict=False)
    texts = {"chara": _encoded(_relabelled(root, "chara_card_v2", "2.0")), "ccv3": _encoded(_as_v3(root))}
    return with_texts(_carrier(name, picture), texts)


def _relabelled(root: dict[str, object], spec: str, version: str) -> dict[str, object]:
    """The same card under another specification's name: keys a reader does not know must not hurt it (V2)."""
    data = root.get("data")
    if not isinstance(data, dict):
        data = {key: value for key, value in root.items() if key not in {"spec", "spec_version", "data"}}
    return {**root, "spec": spec, "spec_version": version, "data": data}


def _as_v3(root: dict[str, object]) -> dict[str, object]:
    if root.get("spec") == "chara_card_v3":
        return root
    labelled = _relabelled(root, "chara_card_v3", "3.0")
    data = labelled["data"]
    assert isinstance(data, dict)
    return {**labelled, "data": {"group_only_greetings": [], **data}}


def _encoded(card: dict[str, object]) -> bytes:
    return base64.b64encode(json.dumps(card, separators=(",", ":")).encode())


def _carrier(name: str, picture: Picture) -> bytes:
    if picture.media_type == "image/png":
        return picture.body
    return plain_png(_CARRIER_SIDE, *colours(name))
