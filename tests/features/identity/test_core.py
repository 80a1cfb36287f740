"""Who may come in: Telegram's rules for initData, held by published vectors and by laws."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parley.features.identity import core
from parley.features.identity.core import ProfileChange, TelegramUser, signed_in
from parley.kernel.errors import InvalidInput, Unauthorized
from parley.kernel.ids import TelegramUserId
from support.init_data_vectors import V1, V2, V3, V6, V7, V8, VECTORS, Vector, refused, signed

TOKEN = V7.token
DAY = timedelta(days=1)
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
REFUSED = refused(TOKEN, int(NOW.timestamp()))

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
names = words.filter(lambda word: word not in {"", "user", "auth_date", "hash"})


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def enter(init_data: str, token: str = TOKEN, now: datetime = NOW, ttl: timedelta = DAY) -> TelegramUser:
    return signed_in(init_data, token, now, ttl).user


def of(user: object, **fields: str) -> str:
    return signed({"auth_date": str(int(NOW.timestamp())), "user": json.dumps(user), **fields}, TOKEN)


# --- vectors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_every_published_vector_is_let_in(vector: Vector) -> None:
    assert enter(vector.init_data, vector.token, at(vector.auth_date)).id == vector.user


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_vector_of_any_age_is_let_in_with_the_longest_life(vector: Vector) -> None:
    user = enter(vector.init_data, vector.token, datetime(2099, 1, 1, tzinfo=UTC), timedelta(seconds=10**11))
    assert user.id == vector.user


def test_what_telegram_says_of_a_person_is_taken_over() -> None:
    assert enter(V2.init_data, V2.token, at(V2.auth_date)) == TelegramUser(
        TelegramUserId(279058397), "Vladislav + - ? /", "Kibenko", "vdkfrost", "ru"
    )


def test_plus_signs_are_spaces_and_escaped_pairs_are_one_letter() -> None:
    assert enter(V8.init_data, V8.token, at(V8.auth_date)).last_name == "PlaceholderLastName 🇺🇦"


def test_an_empty_last_name_is_none() -> None:
    assert enter(V6.init_data, V6.token, at(V6.auth_date)).last_name is None


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
@pytest.mark.parametrize("token", ["{}A", "{}:INVALID"])
def test_another_token_lets_nobody_in(vector: Vector, token: str) -> None:
    with pytest.raises(Unauthorized):
        enter(vector.init_data, token.format(vector.token), at(vector.auth_date))


@pytest.mark.parametrize("vector", [V2, V3], ids=lambda vector: vector.name)
def test_the_signature_is_part_of_what_is_hashed(vector: Vector) -> None:
    pairs = [pair for pair in vector.init_data.split("&") if not pair.startswith("signature=")]
    with pytest.raises(Unauthorized):
        enter("&".join(pairs), vector.token, at(vector.auth_date))


def test_text_after_the_hash_spoils_it() -> None:
    with pytest.raises(Unauthorized):
        enter(f"{V1.init_data}abc", V1.token, at(V1.auth_date))


def test_the_hash_may_be_in_capitals() -> None:
    text, _, digest = V7.init_data.rpartition("=")
    assert enter(f"{text}={digest.upper()}", V7.token, at(V7.auth_date)).id == 42


@pytest.mark.parametrize("init_data", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_flawed_is_refused(init_data: str) -> None:
    with pytest.raises(Unauthorized):
        enter(init_data)


# --- time ------------------------------------------------------------------------------------------


def test_it_is_good_to_the_last_second_of_its_life() -> None:
    assert enter(V6.init_data, V6.token, at(V6.auth_date + 86400)).id == V6.user
    with pytest.raises(Unauthorized):
        enter(V6.init_data, V6.token, at(V6.auth_date + 86401))


def test_the_operator_may_shorten_its_life() -> None:
    ten = timedelta(seconds=10)
    assert enter(V2.init_data, V2.token, at(V2.auth_date + 10), ten).id == V2.user
    with pytest.raises(Unauthorized):
        enter(V2.init_data, V2.token, at(V2.auth_date + 11), ten)


def test_a_phone_may_be_a_minute_ahead_and_no_more() -> None:
    assert enter(V7.init_data, V7.token, at(V7.auth_date - 60)).id == V7.user
    with pytest.raises(Unauthorized):
        enter(V7.init_data, V7.token, at(V7.auth_date - 61))


def test_it_tells_until_when_it_is_good() -> None:
    assert signed_in(V7.init_data, V7.token, at(V7.auth_date), DAY).expires_at == at(V7.auth_date + 86400)


# --- laws ------------------------------------------------------------------------------------------


@given(st.sampled_from(VECTORS), st.data())
def test_one_byte_changed_anywhere_lets_nobody_in(vector: Vector, data: st.DataObject) -> None:
    text = vector.init_data
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(codec="latin-1").filter(lambda letter: letter != text[place]))
    changed = f"{text[:place]}{letter}{text[place + 1 :]}"
    assume(meant(changed) != meant(text))
    with pytest.raises(Unauthorized):
        enter(changed, vector.token, at(vector.auth_date), timedelta(seconds=10**11))


def meant(text: str) -> list[tuple[str, str]]:
    """The pairs: `%7b` and `%7B` are the same, and so are the cases of a hash."""
    pairs = parse_qsl(text, keep_blank_values=True)
    return [(name, value.lower() if name == "hash" else value) for name, value in pairs]


@given(st.sampled_from(VECTORS), st.data())
def test_one_byte_lost_anywhere_lets_nobody_in(vector: Vector, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(vector.init_data) - 1))
    with pytest.raises(Unauthorized):
        enter(vector.init_data[:place] + vector.init_data[place + 1 :], vector.token, at(vector.auth_date))


@given(st.dictionaries(names, words, max_size=6))
def test_whatever_fields_telegram_adds_a_signed_one_is_let_in(more: dict[str, str]) -> None:
    assert enter(of({"id": 42, "first_name": "Test"}, **more)).id == 42


@given(
    st.integers(1, 2**53 - 1), st.dictionaries(words.filter(lambda word: word != "id"), words, max_size=4), words, words
)
def test_any_person_is_let_in(number: int, more: dict[str, str], first: str, last: str) -> None:
    user = enter(of({**more, "id": number, "first_name": first, "last_name": last}))
    assert user.id == number
    assert len(user.first_name.splitlines()) == 1
    assert 1 <= len(user.first_name) <= 64
    assert user.last_name != ""


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | words, st.lists, max_leaves=5))
def test_a_user_of_any_shape_is_let_in_or_refused(user: object) -> None:
    for shape in (user, {"id": user, "first_name": "T"}, {"id": 42, "first_name": user}, {"id": 42, "username": user}):
        with_or_without(of(shape))


@given(st.text(max_size=200) | st.text("&=%+abc019 ", max_size=60))
def test_any_text_at_all_is_refused_and_nothing_breaks(text: str) -> None:
    with pytest.raises(Unauthorized):
        enter(text)


def with_or_without(init_data: str) -> None:
    try:
        enter(init_data)
    except Unauthorized:
        return


def test_the_order_of_lines_is_that_of_the_joined_lines() -> None:
    assert enter(of({"id": 42, "first_name": "T"}, a="z", a1="y", **{"a-": "x"})).id == 42


def test_an_inner_ampersand_or_percent_belongs_to_its_field() -> None:
    assert enter(of({"id": 42, "first_name": "Я & %41 = ?"})).first_name == "Я & %41 = ?"


def test_it_is_decoded_once() -> None:
    with pytest.raises(Unauthorized):
        enter(quote(of({"id": 42, "first_name": "T"}), safe=""))


# --- names and profiles ----------------------------------------------------------------------------


def test_a_name_is_one_harmless_line() -> None:
    assert enter(of({"id": 42, "first_name": "A\nB\u202e\u0007 C"})).first_name == "A B C"


def test_a_person_without_a_visible_name_is_shown_as_dots() -> None:
    assert enter(of({"id": 42, "first_name": "\u200b"})).first_name == "…"


@pytest.mark.parametrize("tag", ["ru", "en-US", "zh-Hans-CN", "sr-Latn", "pt-br", "es-419", "de-1996", "kk"])
def test_a_language_has_the_form_of_a_bcp_47_tag(tag: str) -> None:
    assert core.checked(ProfileChange(language=tag)).language == tag


@pytest.mark.parametrize("tag", ["", "e", "русский", "en_US", "en-", "-en", "en--US", "en-123456789", "en\n", "e" * 36])
def test_what_is_no_tag_is_no_language(tag: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        core.checked(ProfileChange(language=tag))
    assert refusal.value.field == "language"


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Moscow", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "Etc/GMT+5"]
)
def test_a_time_zone_is_an_iana_name(zone: str) -> None:
    assert core.checked(ProfileChange(timezone=zone)).timezone == zone


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "Europe", "../etc/passwd", "/etc/localtime", "Europe/Moscow\x00", "UTC+3", "a" * 300]
)
def test_what_the_zone_database_does_not_have_is_no_zone(zone: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        core.checked(ProfileChange(timezone=zone))
    assert refusal.value.field == "timezone"


@given(words)
def test_a_name_of_1_to_64_letters_after_trimming_is_kept(name: str) -> None:
    trimmed = name.strip()
    assume(trimmed)
    assert core.checked(ProfileChange(display_name=f"  {name}\t")).display_name == trimmed


@pytest.mark.parametrize("name", ["", "  \n ", "я" * 65, "a\x00b", "\ud800"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        core.checked(ProfileChange(display_name=name))
    assert refusal.value.field == "display_name"
