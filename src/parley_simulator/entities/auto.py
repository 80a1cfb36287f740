"""What Telegram finds in plain text by itself: mentions, hashtags, commands, addresses, telephone numbers."""

import re
from collections.abc import Iterator
from typing import Final

from parley_simulator.entities.domains import is_domain, is_email
from parley_simulator.entities.spans import Span, in_order

_TAG: Final = r"\w·\u200c\u0d80-\u0dff"
_NAME: Final = r"@[A-Za-z0-9_]{3,32}"
_MENTION: Final = re.compile(r"(?<!\w)@([A-Za-z0-9_]{2,32})(?!\w)")
_COMMAND: Final = re.compile(rf"(?<![\w/<>])/[A-Za-z0-9_]{{1,64}}(?:{_NAME}|(?!@))(?![\w/<>])")
_HASHTAG: Final = re.compile(rf"(?<![{_TAG}])#([{_TAG}]{{1,256}})(?:{_NAME})?(?![{_TAG}]*#)")
_CASHTAG: Final = re.compile(rf"(?<![${_TAG}])\$(?:1INCH|[A-Z]{{1,8}})(?:{_NAME})?(?![${_TAG}])")
_PHONE: Final = re.compile(r"(?<![\w+])\+[1-9](?:[ -]?\(?[0-9]{1,5}\)?){2,6}(?![\w-])")
_SHORT_NAMES: Final = {"gif", "nft", "pic", "ufc", "vid"}
_PHONE_DIGITS: Final = range(8, 16)

_PATH: Final = r"[/?#][^\s\u2000-\u200b\u200e-\u200f\u2016-\u206f<>\"«»]*"
_INNER_URL: Final = re.compile(rf"(?:tg|ton|tonsite)://[A-Za-z0-9_-]{{1,253}}(?:{_PATH})?", re.IGNORECASE)
_LABEL: Final = r"A-Za-z0-9_~\u00c0-\u1fff\u2070-\U0010ffff-"
_URL: Final = re.compile(
    rf"(?<![{_LABEL}./#])((?:https?|ftp|tonsite)://)?([{_LABEL}]+(?:\.[{_LABEL}]+)+)(:[0-9]{{1,5}}(?![0-9]))?({_PATH})?",
    re.IGNORECASE,
)
_USER: Final = re.compile(r"(?:(?:https?|ftp|tonsite)://)?[^\s/()\[\]{}'`<>\"@«»]+@\Z", re.IGNORECASE)
_LONGEST_USER: Final = 256
_CLOSED_BY: Final = {")": "(", "]": "[", "}": "{"}
_NEVER_LAST: Final = ".:;,('?!`"


def found(text: str) -> list[Span]:
    """Sorted and apart; of two that intersect the earlier stays, and of those the longer."""
    spans: list[Span] = []
    for span in in_order(_all(text)):
        if not spans or span.start >= spans[-1].end:
            spans.append(span)
    return spans


def _all(text: str) -> Iterator[Span]:
    for mention in _MENTION.finditer(text):
        if len(mention[1]) > 3 or mention[1].lower() in _SHORT_NAMES:
            yield _span("mention", mention)
    for hashtag in _HASHTAG.finditer(text):
        if any(character.isalpha() for character in hashtag[1]):
            yield _span("hashtag", hashtag)
    yield from (_span("bot_command", command) for command in _COMMAND.finditer(text))
    yield from (_span("cashtag", cashtag) for cashtag in _CASHTAG.finditer(text))
    for phone in _PHONE.finditer(text):
        if sum(character.isdigit() for character in phone[0]) in _PHONE_DIGITS:
            yield _span("phone_number", phone)
    for url in _INNER_URL.finditer(text):
        yield Span("url", url.start(), url.start() + len(url[0].rstrip(_NEVER_LAST)))
    yield from _addresses(text)


def _span(kind: str, match: re.Match[str]) -> Span:
    return Span(kind, match.start(), match.end())


def _addresses(text: str) -> Iterator[Span]:
    for match in _URL.finditer(text):
        scheme, domain, port, path = (part or "" for part in match.groups())
        user = _user_before(text, match.start())
        start, end = match.start() - len(user), match.end() - len(path) + len(_kept(path))
        if user and not port and not path and is_email(user + domain):
            yield Span("email", start, end)
        elif is_domain(domain, is_said=bool(scheme) or "://" in user):
            yield Span("url", start, end)


def _user_before(text: str, place: int) -> str:
    """The `name@` before a host, with its scheme; a name far too long is none."""
    if not text.endswith("@", 0, place):
        return ""
    found = _USER.search(text[max(0, place - _LONGEST_USER) : place])
    return found[0] if found else ""


def _kept(path: str) -> str:
    """The path up to the first bracket that closes nothing, without punctuation at its end."""
    opened = dict.fromkeys(_CLOSED_BY.values(), 0)
    for place, character in enumerate(path):
        if character in opened:
            opened[character] += 1
        elif character in _CLOSED_BY:
            opened[_CLOSED_BY[character]] -= 1
            if opened[_CLOSED_BY[character]] < 0:
                path = path[:place]
                break
    return path if path == "/" else path.rstrip(_NEVER_LAST)
