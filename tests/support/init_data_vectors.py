"""InitData that others have published with the tokens that signed it, and strings that must be refused.

Tokens are throw-away ones from public test suites, in two halves so that no scanner takes them for live ones.
"""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Vector:
    """A validly signed string: whose, when, and by which bot."""

    name: str
    bot: str
    secret: str
    init_data: str
    auth_date: int
    user: int

    @property
    def token(self) -> str:
        """The bot token."""
        return f"{self.bot}:{self.secret}"


V1 = Vector(
    "V1 init-data-golang, without signature",
    "5768337691",
    "AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8",
    "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%22%2C"
    "%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C"
    "%22is_premium%22%3Atrue%7D&auth_date=1662771648"
    "&hash=c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2",
    1662771648,
    279058397,
)
V2 = Vector(
    "V2 init-data-node, with plus, question mark and escaped slash",
    "7342037359",
    "AAFZehRPBRs8Seg40oDjTMIW8uTGPuW1zfQ",
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22%3A"
    "%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C"
    "%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F"
    "4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private"
    "&auth_date=1733584787&signature=zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLI"
    "lADQ&hash=2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6",
    1733584787,
    279058397,
)
V3 = Vector(
    "V3 init-data-py, a capture of 2026",
    "7082182952",
    "AAFN9rxuCROAv-lBtSXSSaR3ZMQsP0KW95I",
    "user=%7B%22id%22%3A5167898484%2C%22first_name%22%3A%22xin%22%2C%22last_name%22%3A%22%22%2C%22username%22%3A"
    "%22pvnimaxin%22%2C%22language_code%22%3A%22en%22%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A"
    "%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2FYpcdHFmoxukmQ537mOZhe-Woot_k2xrmbdAIrGK1zFgIVth6Wzacz7P2nGNCcp"
    "9j.svg%22%7D&chat_instance=8207002646956202621&chat_type=private&auth_date=1788639560"
    "&signature=5TpQXmcWfc12P3GMFaHQzBri6FNu6QWrkH4ysQX3CuT0Jdh3LhOEjd0jvso0fnOa_YCpJXZiid-DpZXidvVPAQ"
    "&hash=2c450512f189adbf7e7027e5f32fd7954c00fb21218265320b9a6b9c2139891f",
    1788639560,
    5167898484,
)
V6 = Vector(
    "V6 init-data-py, an empty last name",
    "7244657541",
    "AAEgqk0HDC3WD5cdbnGMdd6L0TJ74FDp97Y",
    "query_id=AAF03wc0AgAAAHTfBzROOCVW&user=%7B%22id%22%3A5167898484%2C%22first_name%22%3A%22xin%22%2C%22last_name%22"
    "%3A%22%22%2C%22username%22%3A%22pvnimaxin%22%2C%22language_code%22%3A%22en%22%2C%22allows_write_to_pm%22%3Atrue%7D"
    "&auth_date=1722938610&hash=8654c8c617c143abf656f4f159be2539880a56f58c2d9be622f90c0346aa162b",
    1722938610,
    5167898484,
)
V7 = Vector(
    "V7 aiogram, short",
    "42",
    "TEST",
    "auth_date=1650385342&user=%7B%22id%22%3A42%2C%22first_name%22%3A%22Test%22%7D&query_id=test"
    "&hash=46d2ea5e32911ec8d30999b56247654460c0d20949b6277af519e76271182803",
    1650385342,
    42,
)
V8 = Vector(
    "V8 aiogram, plus for space and a quoted id",
    "42",
    "TEST",
    "auth_date=1650385342&user=%7B%22id%22%3A+%22123456789%22%2C+%22first_name%22%3A+%22PlaceholderFirstName%22%2C+"
    "%22last_name%22%3A+%22PlaceholderLastName+%5Cud83c%5Cuddfa%5Cud83c%5Cudde6%22%2C+%22username%22%3A+%22Latand%22"
    "%2C+%22language_code%22%3A+%22en%22%2C+%22is_premium%22%3A+%22true%22%2C+%22allows_write_to_pm%22%3A+%22true%22%7D"
    "&query_id=test&hash=b3c8b293f14ad0f7f0abcf769aea1209a72295d30a87eb0e74df855d32e53bfe",
    1650385342,
    123456789,
)
V11 = Vector(
    "V11 tgfake",
    "123456",
    "ABC-DEF1234ghIkl",
    "auth_date=1700000000&query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A"
    "%22Vladislav%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%7D"
    "&hash=d16b987afd609aa3c33232cac13427d98b80535d6e4b3e4025a02a336fd343ef",
    1700000000,
    279058397,
)
VECTORS = (V1, V2, V3, V6, V7, V8, V11)


def signed(fields: dict[str, str], token: str) -> str:
    """A query string of these fields with the hash that belongs to them, by Telegram's own description."""
    lines = "\n".join(sorted(f"{name}={value}" for name, value in fields.items()))
    secret = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    digest = hmac.digest(secret, lines.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()
    return urlencode({**fields, "hash": digest}, errors="surrogatepass")


_USER = '{"id":42,"first_name":"Test"}'


def refused(token: str, auth_date: int) -> dict[str, str]:
    """What must be refused, by what is wrong with it. Fresh at ``auth_date``; signed wherever that is possible."""
    date = str(auth_date)
    good = {"auth_date": date, "user": _USER, "query_id": "test"}
    valid = signed(good, token)
    return _malformed(valid) | {
        "nobody": signed({"auth_date": date, "query_id": "test"}, token),
        "no moment": signed({"user": _USER, "query_id": "test"}, token),
        "moment AAA": signed({**good, "auth_date": "AAA"}, token),
        "moment -1": signed({**good, "auth_date": "-1"}, token),
        "moment 1e9": signed({**good, "auth_date": "1e9"}, token),
        "moment with a space": signed({**good, "auth_date": f" {date}"}, token),
        "moment of twenty digits": signed({**good, "auth_date": "1" * 20}, token),
        "moment of nineteen digits": signed({**good, "auth_date": "9" * 19}, token),
        "moment in full-width digits": signed({**good, "auth_date": "１６５０３８５３４２"}, token),
        "moment in the future": signed({**good, "auth_date": str(auth_date + 3600)}, token),
        "another bot's": signed(good, f"{token}A"),
        "a bare user": signed({**good, "user": "Test"}, token),
        "a list of users": signed({**good, "user": f"[{_USER}]"}, token),
        "a null user": signed({**good, "user": "null"}, token),
        "an empty user": signed({**good, "user": "{}"}, token),
        "a blank user": signed({**good, "user": ""}, token),
        "a boolean id": signed({**good, "user": '{"id":true,"first_name":"Test"}'}, token),
        "a fractional id": signed({**good, "user": '{"id":42.5,"first_name":"Test"}'}, token),
        "a worded id": signed({**good, "user": '{"id":"me","first_name":"Test"}'}, token),
        "id 0": signed({**good, "user": '{"id":0,"first_name":"Test"}'}, token),
        "a negative id": signed({**good, "user": '{"id":-42,"first_name":"Test"}'}, token),
        "id 2^53": signed({**good, "user": f'{{"id":{2**53},"first_name":"Test"}}'}, token),
        "a long id": signed({**good, "user": f'{{"id":{"9" * 400},"first_name":"Test"}}'}, token),
        "a name that is none": signed({**good, "user": '{"id":42,"first_name":7}'}, token),
        "a username that is none": signed({**good, "user": '{"id":42,"first_name":"T","username":["x"]}'}, token),
        "a language that is none": signed({**good, "user": '{"id":42,"first_name":"T","language_code":5}'}, token),
        "a deep user": signed({**good, "user": "[" * 5000}, token),
        "an escaped NUL": signed({**good, "user": '{"id":42,"first_name":"T\\u0000"}'}, token),
        "an escaped lone surrogate": signed({**good, "user": '{"id":42,"first_name":"T\\ud800"}'}, token),
        "a NUL": signed({**good, "start_param": "\x00"}, token),
        "100 KB": signed({**good, "start_param": "a" * 100_000}, token),
    }


def _malformed(valid: str) -> dict[str, str]:
    """What is wrong with the form itself, whatever the token."""
    without_hash, _, digest = valid.partition("&hash=")
    return {
        "empty": "",
        "spaces": "   ",
        "no pairs": "here comes something wrong;",
        "one odd pair": "test&foo=bar=baz",
        "no hash": without_hash,
        "only a moment": "auth_date=1",
        "only a hash": "hash=HHH",
        "neither is good": "auth_date=AAA&hash=HHH",
        "text after the hash": f"{valid}abc",
        "a blank field more": f"{valid}&start_param=",
        "a field more": f"{valid}&start_param=x",
        "user twice": f"{valid}&user=%7B%22id%22%3A43%2C%22first_name%22%3A%22Test%22%7D",
        "hash twice": f"{valid}&hash={digest}",
        "moment twice": f"{valid}&auth_date=1650385342",
        "a hash of 63": f"{without_hash}&hash={digest[:-1]}",
        "a hash of 65": f"{without_hash}&hash={digest}0",
        "a hash not of hexadecimal digits": f"{without_hash}&hash={'g' * 64}",
        "a hash of other letters": f"{without_hash}&hash={'%D1%8F' * 64}",
        "a blank hash": f"{without_hash}&hash=",
        "another hash": f"{without_hash}&hash={'0' * 64}",
        "a broken escape": f"{valid}%zz",
        "an unnamed field": f"{valid}&=x",
        "a NUL at the end": f"{valid}%00",
        "a lone surrogate in bytes": f"{valid}%ED%A0%80",
    }
