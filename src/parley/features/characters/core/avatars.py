"""A picture for those who came without one: initials on a gradient, always the same for the same name."""

import colorsys
import hashlib
from typing import Final
from xml.sax.saxutils import escape

from parley.features.characters.core.pictures import Picture

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

_SATURATION: Final = 0.55
_TOP_LIGHTNESS: Final = 0.62
_BOTTOM_LIGHTNESS: Final = 0.40

_SVG: Final = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" role="img">
<defs>
<linearGradient id="sky" x1="0" y1="0" x2="1" y2="1">
<stop offset="0" stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/>
</linearGradient>
<radialGradient id="glow" cx="{glow}" cy="0.18" r="0.75">
<stop offset="0" stop-color="#fff" stop-opacity="0.38"/><stop offset="1" stop-color="#fff" stop-opacity="0"/>
</radialGradient>
</defs>
<rect width="256" height="256" fill="url(#sky)"/>
<circle cx="{ring_x}" cy="{ring_y}" r="92" fill="none" stroke="#fff" stroke-opacity="0.13" stroke-width="26"/>
<rect width="256" height="256" fill="url(#glow)"/>
<text x="128" y="132" fill="#fff" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif" \
font-size="{size}" font-weight="600" text-anchor="middle" dominant-baseline="central">{initials}</text>
</svg>
"""


def generated_avatar(name: str) -> Picture:
    """An SVG with the character's initials."""
    chance = _digest(name)
    top, bottom = colours(name)
    letters = initials(name)
    svg = _SVG.format(
        top=_hex(top),
        bottom=_hex(bottom),
        glow=round(0.2 + chance[3] / 255 * 0.6, 2),
        ring_x=chance[4],
        ring_y=60 + chance[5] // 2,
        size=112 if len(letters) == 1 else 92,
        initials=escape(letters),
    )
    return Picture("image/svg+xml", svg.encode())


def colours(name: str) -> tuple[Colour, Colour]:
    """A lighter and a darker colour that suit each other: neighbours on the colour wheel."""
    chance = _digest(name)
    hue = chance[0] / 256
    shift = 0.06 + chance[1] / 256 * 0.10
    return _colour(hue, _TOP_LIGHTNESS), _colour((hue + shift) % 1.0, _BOTTOM_LIGHTNESS)


def initials(name: str) -> str:
    """The first letters of the first two words, upper case; a question mark for a name without letters."""
    words = ("".join(letter for letter in word if letter.isalnum()) for word in name.split())
    letters = "".join(word[0] for word in words if word)[:2].upper()
    return letters or "?"


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def _colour(hue: float, lightness: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, _SATURATION)
    return round(red * 255), round(green * 255), round(blue * 255)


def _hex(colour: Colour) -> str:
    return "#" + bytes(colour).hex()
