"""The host of a Mini App in the web client, run by node: what it hears, does and keeps."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.node import ran_by_node

CORE = Path(__file__).parents[2] / "src/parley_simulator/web/core"

Json = dict[str, Any]

# --- the host of a Mini App ------------------------------------------------------------------------

HEARD = """
  let host = modules[0].newHost(given.launch);
  const effects = [];
  for (const [type, data] of given.events) {
    const told = modules[0].hear(host, type, data ?? {});
    host = told.host;
    effects.push(...told.effects);
  }
  return { host, effects };
"""


def heard(*events: tuple[str, Json], launch: str = "menu") -> Json:
    """What the host knows and does after these events."""
    told: Json = json.loads(ran_by_node(HEARD, CORE / "host.js", given={"launch": launch, "events": events}))
    return told


def effects(*events: tuple[str, Json], launch: str = "menu") -> list[Any]:
    done: list[Any] = heard(*events, launch=launch)["effects"]
    return done


READS = """
  const frame = {};
  return given.map(({ isOurs, origin, data }) =>
    modules[0].eventOf({ source: isOurs ? frame : {}, origin, data }, frame, "https://app.example"));
"""


def test_only_the_apps_own_window_and_origin_are_heard() -> None:
    told = {"origin": "https://app.example", "data": json.dumps({"eventType": "web_app_ready"})}
    given = [
        {**told, "isOurs": True},
        {**told, "isOurs": False},
        {**told, "isOurs": True, "origin": "https://other.example"},
        {**told, "isOurs": True, "data": "not json"},
        {**told, "isOurs": True, "data": {"eventType": "web_app_ready"}},
        {**told, "isOurs": True, "data": json.dumps({"eventType": 7})},
    ]
    assert json.loads(ran_by_node(READS, CORE / "host.js", given=given)) == [
        {"type": "web_app_ready", "data": {}},
        None,
        {"refused": "https://other.example", "type": "web_app_ready"},
        None,
        None,
        None,
    ]


def test_what_an_app_asks_at_its_start_is_answered() -> None:
    asked = ["theme", "viewport", "safe_area", "content_safe_area"]
    done = effects(*[(f"web_app_request_{each}", {}) for each in asked])
    assert done == [["do", "theme"], ["do", "viewport"], ["do", "safe-area"], ["do", "content-safe-area"]]


def test_a_button_without_words_is_not_drawn() -> None:
    shown = {"is_visible": True, "text": "  ", "color": "red", "position": "middle"}
    host = heard(("web_app_setup_secondary_button", shown))["host"]
    assert (host["secondary"]["is_visible"], host["secondary"]["color"], host["secondary"]["position"]) == (
        False,
        None,
        "left",
    )


def test_a_button_keeps_what_a_later_word_leaves_out() -> None:
    first = {"is_visible": True, "text": "Pay", "color": "#00ff00"}
    host = heard(("web_app_setup_main_button", first), ("web_app_setup_main_button", {"is_active": False}))["host"]
    assert (host["main"]["text"], host["main"]["color"], host["main"]["is_active"]) == ("Pay", "#00ff00", False)


def test_a_second_popup_waits_for_nobody() -> None:
    popup = {"message": "Sure?", "buttons": [{"id": "a", "type": "ok"}]}
    done = effects(("web_app_open_popup", popup), ("web_app_open_popup", popup))
    assert [effect[:2] for effect in done] == [["ask", "popup"]]


@pytest.mark.parametrize("buttons", [[], [{}] * 4, None, "ok"])
def test_a_popup_needs_one_to_three_buttons(buttons: object) -> None:
    assert effects(("web_app_open_popup", {"message": "Sure?", "buttons": buttons})) == []


def test_full_screen_is_entered_once() -> None:
    done = effects(("web_app_request_fullscreen", {}), ("web_app_request_fullscreen", {}))
    assert done[0] == ["send", "fullscreen_changed", {"is_fullscreen": True}]
    assert done[-1] == ["send", "fullscreen_failed", {"error": "ALREADY_FULLSCREEN"}]


def test_only_an_app_of_a_reply_keyboard_sends_data() -> None:
    sent = ("web_app_data_send", {"data": "x"})
    assert effects(sent, launch="keyboard") == [["do", "data", "x"]]
    assert effects(sent, launch="inline") == [["note", "web_app_data_send", {"refused": True}]]
    assert effects(("web_app_data_send", {"data": "я" * 2049}), launch="keyboard")[0][0] == "note"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "tg://resolve", "nonsense", None])
def test_an_app_opens_addresses_of_the_web_only(url: str | None) -> None:
    assert effects(("web_app_open_link", {"url": url})) == []


def test_an_invoice_is_asked_for_by_a_sound_slug() -> None:
    assert effects(("web_app_open_invoice", {"slug": "a_b-c="})) == [["ask", "invoice", "a_b-c="]]
    assert effects(("web_app_open_invoice", {"slug": "../x"})) == []


def test_what_a_page_in_a_frame_lacks_is_said() -> None:
    assert effects(("web_app_biometry_get_info", {})) == [["send", "biometry_info_received", {"available": False}]]


def test_an_unknown_event_is_only_shown() -> None:
    assert effects(("web_app_of_tomorrow", {"a": 1})) == [["note", "web_app_of_tomorrow", {"a": 1}]]


# --- what a Mini App keeps -------------------------------------------------------------------------

KEPT = """
  const shelf = new Map();
  return given.map(([name, ...rest]) => modules[0][name](shelf, ...rest));
"""


def kept(*calls: tuple[Any, ...]) -> list[Any]:
    told: list[Any] = json.loads(ran_by_node(KEPT, CORE / "storage.js", given=calls))
    return told


def test_the_cloud_gives_back_what_it_was_given() -> None:
    assert kept(
        ("cloud", "saveStorageValue", {"key": "a", "value": "1"}),
        ("cloud", "getStorageValues", {"keys": ["a", "b"]}),
        ("cloud", "getStorageKeys", {}),
        ("cloud", "deleteStorageValues", {"keys": ["a"]}),
        ("cloud", "getStorageKeys", {}),
    ) == [{"result": True}, {"result": {"a": "1", "b": ""}}, {"result": ["a"]}, {"result": True}, {"result": []}]


def test_the_cloud_refuses_what_telegrams_refuses() -> None:
    assert kept(
        ("cloud", "saveStorageValue", {"key": "a b", "value": "1"}),
        ("cloud", "saveStorageValue", {"key": "a", "value": "x" * 4097}),
        ("cloud", "dropEverything", {}),
    ) == [{"error": "KEY_INVALID"}, {"error": "VALUE_INVALID"}, {"error": "METHOD_INVALID"}]


def test_the_devices_storage_answers_by_the_requests_number() -> None:
    save, get = "web_app_device_storage_save_key", "web_app_device_storage_get_key"
    assert kept(
        ("local", save, {"req_id": 1, "key": "a", "value": "x"}),
        ("local", get, {"req_id": 2, "key": "a"}),
        ("local", save, {"req_id": 3, "key": "a", "value": None}),
        ("local", get, {"req_id": 4, "key": "a"}),
        ("local", save, {"req_id": 5, "key": "", "value": "x"}),
    ) == [
        ["device_storage_key_saved", {"req_id": 1}],
        ["device_storage_key_received", {"req_id": 2, "value": "x"}],
        ["device_storage_key_saved", {"req_id": 3}],
        ["device_storage_key_received", {"req_id": 4, "value": None}],
        ["device_storage_failed", {"req_id": 5, "error": "KEY_INVALID"}],
    ]
