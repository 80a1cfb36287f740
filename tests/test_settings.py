"""What an operator sets, and what they are told when it is wrong."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.settings import PREFIX, Provider, SettingError, Settings, environment_of

CANARY = "s3cr3t-c4n4ry"
PROVIDERS = f'[{{"base_url": "https://user:{CANARY}@a.example/v1", "api_key": "{CANARY}", "model": "m"}}]'


def refused(**environment: str) -> str:
    """The line that these settings are refused with."""
    with pytest.raises(SettingError) as error:
        Settings.load({f"{PREFIX}{name}": value for name, value in environment.items()})
    return str(error.value)


MALFORMED = [
    ("BOT_TOKEN", "42"),
    ("BOT_TOKEN", ":abc"),
    ("BOT_TOKEN", "42:ab"),
    ("BOT_TOKEN", "42:" + "a" * 61),
    ("BOT_TOKEN", "42:abc def"),
    ("BOT_TOKEN", "bot42:abcdef"),
    ("BOT_TOKEN", "٤٢:abcdef"),
    ("DATABASE_URL", ""),
    ("DATABASE_URL", "data/parley.db"),
    ("DATABASE_URL", "mysql://host/name"),
    ("DATABASE_URL", "sqlite://data.db"),
    ("DATABASE_URL", "sqlite:///a\nb"),
    ("REDIS_URL", "localhost:6379"),
    ("LLM_BASE_URL", "api.example.com/v1"),
    ("LLM_BASE_URL", "ftp://api.example.com"),
    ("LLM_BASE_URL", "http://"),
    ("LLM_BASE_URL", "http://[::1"),
    ("LLM_BASE_URL", "http://host:port"),
    ("LLM_BASE_URL", "http://host:99999"),
    ("LLM_BASE_URL", "http://user:pass℀word@host"),
    ("LLM_BASE_URL", "http://host/a\nb"),
    ("LLM_API_KEY", "two\nlines"),
    ("LLM_MODEL", "two\nlines"),
    ("LLM_FALLBACKS", "[{]"),
    ("LLM_FALLBACKS", "{}"),
    ("LLM_FALLBACKS", '["http://a"]'),
    ("LLM_FALLBACKS", '[{"base_url": "http://a"}]'),
    ("LLM_FALLBACKS", '[{"base_url": "http://a", "model": "m", "secret": "x"}]'),
    ("LLM_FALLBACKS", '[{"base_url": "nowhere", "model": "m"}]'),
    ("LLM_CONTEXT_TOKENS", "511"),
    ("LLM_CONTEXT_TOKENS", "8k"),
    ("LLM_REPLY_TOKENS", "0"),
    ("LLM_REPLY_TOKENS", "8192"),
    ("HOST", ""),
    ("HOST", "two words"),
    ("PORT", ""),
    ("PORT", "-1"),
    ("PORT", "65536"),
    ("PORT", "80.0"),
    ("PORT", "٨٠"),
    ("PORT", "1e3"),
    ("INIT_DATA_TTL", "0"),
    ("INIT_DATA_TTL", "100000000001"),
    ("INIT_DATA_TTL", "1d"),
    ("DAILY_MESSAGE_LIMIT", "-1"),
    ("DAILY_MESSAGE_LIMIT", "fifty"),
    ("RATE_LIMITS", "yes"),
    ("RATE_LIMITS", ""),
    ("LOG_LEVEL", "LOUD"),
    ("LOG_LEVEL", ""),
]


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_malformed_setting_is_refused_in_one_line_that_names_it(name: str, value: str) -> None:
    line = refused(**{name: value})
    assert f"{PREFIX}{name}" in line
    assert len(line.splitlines()) == 1
    assert len(value) < 8 or value.isdigit() or value not in line


@given(st.sampled_from([each.name.upper() for each in fields(Settings)]), st.text(max_size=40))
def test_any_text_is_taken_or_refused_in_one_line_that_names_it(name: str, value: str) -> None:
    try:
        Settings.load({f"{PREFIX}{name}": value})
    except SettingError as error:
        line = str(error)
    else:
        return
    assert name in line
    assert len(line.splitlines()) == 1


SECRETS = {
    "BOT_TOKEN": f"42:{CANARY}",
    "DATABASE_URL": f"postgresql://parley:{CANARY}@db.example/parley?password={CANARY}",
    "REDIS_URL": f"redis://:{CANARY}@cache.example:6379/0",
    "LLM_API_KEY": CANARY,
    "LLM_BASE_URL": f"https://user:{CANARY}/@?{CANARY}@llm.example/v1?key={CANARY}",
    "LLM_FALLBACKS": PROVIDERS,
}


def test_secrets_are_neither_in_what_is_shown_nor_in_a_repr() -> None:
    settings = Settings.load({f"{PREFIX}{name}": value for name, value in SECRETS.items() if name != "LLM_BASE_URL"})
    shown = dict(settings.shown())
    assert CANARY not in repr(settings) + repr(shown) + repr(settings.llm_fallbacks)
    assert shown["PARLEY_BOT_TOKEN"] == shown["PARLEY_LLM_API_KEY"] == shown["PARLEY_LLM_FALLBACKS"] == "(set)"
    assert shown["PARLEY_DATABASE_URL"] == "postgresql://…@db.example/parley?…"
    assert shown["PARLEY_REDIS_URL"] == "redis://…@cache.example:6379/0"


def test_a_key_that_looks_like_an_address_is_still_a_key() -> None:
    shown = dict(Settings.load({"PARLEY_LLM_API_KEY": f"key://{CANARY}"}).shown())
    assert shown["PARLEY_LLM_API_KEY"] == "(set)"


@pytest.mark.parametrize("password", ["p/w", "p?w", "p@w", "p#w", "p:w"])
def test_a_password_is_hidden_whatever_is_in_it(password: str) -> None:
    shown = dict(Settings.load({"PARLEY_DATABASE_URL": f"postgresql://me:{password}@host/name"}).shown())
    assert shown["PARLEY_DATABASE_URL"] == "postgresql://…@host/name"


def test_an_address_is_shown_without_its_password() -> None:
    settings = Settings.load({"PARLEY_LLM_BASE_URL": f"https://user:{CANARY}@llm.example/v1?key={CANARY}"})
    assert dict(settings.shown())["PARLEY_LLM_BASE_URL"] == "https://…@llm.example/v1?…"
    assert CANARY not in repr(settings)


@pytest.mark.parametrize("name", SECRETS)
def test_a_refusal_never_quotes_the_secret(name: str) -> None:
    broken = {"BOT_TOKEN": f"x{CANARY}", "DATABASE_URL": CANARY, "REDIS_URL": CANARY, "LLM_API_KEY": f"{CANARY}\n"}
    broken |= {"LLM_BASE_URL": f"http://u:{CANARY}@a:b", "LLM_FALLBACKS": f'[{{"api_key": "{CANARY}"'}
    assert CANARY not in refused(**{name: broken[name] + "\n.\n."})


# --- where settings come from ------------------------------------------------------------------------


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_come_from_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    value = "https://llm.example/v1" if name == "LLM_BASE_URL" else SECRETS[name]
    file.write_text(f"\ufeff{value}\n", encoding="utf-8")
    from_file = Settings.load({f"{PREFIX}{name}_FILE": str(file)})
    is_secret = next(each for each in fields(Settings) if each.name == name.lower()).metadata["secret"]
    expected = Settings.load({f"{PREFIX}{name}": value}) if is_secret else Settings()
    assert from_file == expected


def test_a_setting_wins_over_its_file_and_an_empty_one_gives_way() -> None:
    with_file = {"PARLEY_BOT_TOKEN_FILE": "/nowhere/token"}
    assert Settings.load({**with_file, "PARLEY_BOT_TOKEN": "42:TEST"}).bot_token == "42:TEST"
    with pytest.raises(SettingError, match="PARLEY_BOT_TOKEN_FILE cannot be read: No such file or directory"):
        Settings.load({**with_file, "PARLEY_BOT_TOKEN": ""})


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingError, match=r"^PARLEY_BOT_TOKEN_FILE cannot be read: it is not UTF-8 text$"):
        Settings.load({"PARLEY_BOT_TOKEN_FILE": str(tmp_path / "token")})
    with pytest.raises(SettingError, match=r"^PARLEY_BOT_TOKEN_FILE cannot be read: Is a directory$"):
        Settings.load({"PARLEY_BOT_TOKEN_FILE": str(tmp_path)})


def test_a_dotenv_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "\ufeffPARLEY_PORT=1234\n# PARLEY_HOST=example\n\nexport PARLEY_LLM_MODEL='a b'\n"
        'PARLEY_LLM_API_KEY="quo\'ted"\nPARLEY_LOG_LEVEL = debug\nnonsense\nPARLEY_BOT_TOKEN=42:abc=\n',
        encoding="utf-8",
    )
    found = environment_of({"PARLEY_PORT": "99"}, dotenv)
    assert found == {
        "PARLEY_PORT": "99",
        "PARLEY_LLM_MODEL": "a b",
        "PARLEY_LLM_API_KEY": "quo'ted",
        "PARLEY_LOG_LEVEL": "debug",
        "PARLEY_BOT_TOKEN": "42:abc=",
    }
    assert environment_of({"A": "b"}, tmp_path / "missing") == {"A": "b"}


def test_a_dotenv_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PARLEY_PORT=\xff")
    with pytest.raises(SettingError, match=r"^\.env cannot be read: it is not UTF-8 text$"):
        environment_of({}, tmp_path / ".env")


def test_a_quote_at_one_end_alone_belongs_to_the_value(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=it's\nB='\nC=\"\"\n", encoding="utf-8")
    assert environment_of({}, tmp_path / ".env") == {"A": "it's", "B": "'", "C": ""}


# --- the contract's own rules ------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["1:abc", "0:___", "42:TEST", "123456789012345678:A-Za-z0-9_-", "42:" + "x" * 60])
def test_a_bot_token_is_digits_a_colon_and_3_to_60_of_its_letters(token: str) -> None:
    assert Settings.load({"PARLEY_BOT_TOKEN": f" {token}\n"}).require_bot_token() == token


def test_a_missing_bot_token_is_asked_for_only_by_what_needs_it() -> None:
    settings = Settings.load({})
    with pytest.raises(SettingError, match=r"^PARLEY_BOT_TOKEN is not set"):
        settings.require_bot_token()


def test_init_data_may_be_good_for_three_thousand_years() -> None:
    assert Settings.load({"PARLEY_INIT_DATA_TTL": "100000000000"}).init_data_ttl == 10**11


def test_the_defaults_are_the_contracts() -> None:
    settings = Settings.load({})
    assert (settings.database_url, settings.host, settings.port) == ("sqlite:///data/parley.db", "127.0.0.1", 8080)
    assert (settings.init_data_ttl, settings.daily_message_limit, settings.rate_limits) == (86400, 50, True)


def test_values_are_taken_as_they_are_meant() -> None:
    settings = Settings.load({
        "PARLEY_RATE_LIMITS": "OFF",
        "PARLEY_LOG_LEVEL": "debug",
        "PARLEY_LLM_BASE_URL": "https://api.example.com/v1/",
        "PARLEY_FRAME_ANCESTORS": "https://a.example , https://b.example,",
        "PARLEY_LLM_FALLBACKS": '[{"base_url": "https://b.example/v1", "model": "m", "api_key": "k"}]',
        "PARLEY_PORT": "",
    } | {"PARLEY_PORT": "0"})  # fmt: skip
    assert not settings.rate_limits
    assert settings.log_level == "DEBUG"
    assert settings.llm_base_url == "https://api.example.com/v1"
    assert settings.frame_ancestors == ("https://a.example", "https://b.example")
    assert settings.llm_fallbacks == (Provider("https://b.example/v1", "m", "k"),)
    assert settings.port == 0
