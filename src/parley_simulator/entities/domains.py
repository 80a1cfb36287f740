"""Which names with dots are addresses on the Internet."""

import re
from ipaddress import IPv4Address
from typing import Final

_EMAIL: Final = re.compile(
    r"(?:[a-z0-9_-]{0,26}[.+]){0,10}[a-z0-9_-]{1,35}@(?:(?:[a-z0-9][a-z0-9_-]{0,28})?[a-z0-9]\.){1,6}[a-z]{2,8}",
    re.IGNORECASE,
)
_LONGEST_LABEL: Final = 63

_COUNTRIES: Final = (
    "ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd "
    "cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb "
    "gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp "
    "ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms "
    "mt mu mv mw mx my mz na nc ne nf ng ni nl no nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs "
    "ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt "
    "tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_KINDS: Final = (
    "academy aero agency app art arpa asia bank bar biz blog book bot business cafe cam camp care cash cat center "
    "chat church city click cloud club codes coffee com community company computer coop design dev digital direct "
    "domains download edu education email engineering events expert family fan farm fashion film finance fish fit "
    "foundation fun fund fyi gallery game games garden gift global gold gov group guide guru health help host hotel "
    "house how info ink institute int international jobs kids kitchen land law legal life limited link live loan "
    "love ltd market marketing media men menu mil mobi moda money moscow museum music name net network new news ngo "
    "ninja one onl online org page partners party pet photo photos pics pizza place plus press pro productions "
    "property pub radio recipes red rent repair report rest review rip rocks run sale school science security "
    "services sex shop show site social software solutions space sport store studio style support surf systems team "
    "tech technology tel theater tickets tips today ton tools top tours town toys trade training travel tube "
    "university vet video vip vision vodka vote watch website wedding wiki win wine work works world wtf xxx xyz "
    "yandex yoga youtube zone бел дети католик ком мкд мон москва онлайн орг рус рф сайт срб укр қаз"
)
_LAST_LABELS: Final = frozenset(f"{_COUNTRIES} {_KINDS}".split())


def is_email(address: str) -> bool:
    """Whether Telegram takes it for an e-mail address."""
    return _EMAIL.fullmatch(address) is not None


def is_domain(name: str, *, is_said: bool) -> bool:
    """Whether it names a host; ``is_said``: a scheme before it says so, and any last label will do."""
    labels = name.split(".")
    if any(not 0 < len(label) <= _LONGEST_LABEL or label.endswith("-") for label in labels):
        return False
    if all(character.isdigit() or character == "." for character in name):
        return _is_ipv4(name)
    last = labels[-1].lower()
    if len(last) < 2 or "_" in labels[-2]:
        return False
    if last.startswith("xn--"):
        return len(last) > 5 and last[4:].isalnum()
    return "_" not in last and "-" not in last and (is_said or last in _LAST_LABELS)


def _is_ipv4(name: str) -> bool:
    try:
        IPv4Address(name)
    except ValueError:
        return False
    return True
