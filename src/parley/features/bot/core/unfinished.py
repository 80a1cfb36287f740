"""Markdown that is still being written: what was begun is shown as what it is about to be."""

import re
from typing import Final

_FENCE: Final = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_LONGEST_PARAGRAPH: Final = 4096
"""Characters. What stands open in a longer one is shown as it was written, until it is closed."""
_SIGN: Final = re.compile(r"\\.|`+|\*{1,3}|_{1,3}|~~", re.DOTALL)


def closed(markdown: str) -> tuple[str, str]:
    """The Markdown with the emphasis closed that is open at its end, and the signs that close it.

    Only the last paragraph can have any. A fence needs no closing: the parser takes the end of the text for it.
    """
    paragraph = markdown.rfind("\n\n") + 1
    if len(markdown) - paragraph > _LONGEST_PARAGRAPH or len(_FENCE.findall(markdown)) % 2:
        return markdown, ""
    open_signs = _open_signs(markdown, paragraph)
    said = markdown.rstrip()
    while open_signs and said.endswith(open_signs[-1]):
        said = said[: -len(open_signs.pop())].rstrip()
    signs = "".join(reversed(open_signs))
    return said + signs, signs


def _open_signs(markdown: str, start: int) -> list[str]:
    """The signs of emphasis and code that await their counterparts, the outermost first."""
    waiting: list[str] = []
    for found in _SIGN.finditer(markdown, start):
        sign = found[0]
        before, after = markdown[found.start() - 1 : found.start()], markdown[found.end() : found.end() + 1]
        in_code = bool(waiting) and waiting[-1].startswith("`")
        if waiting and waiting[-1] == sign and (in_code or not before.isspace()):
            waiting.pop()
        elif not in_code and not sign.startswith("\\") and not after.isspace() and not before.isalnum():
            waiting.append(sign)
    return waiting
