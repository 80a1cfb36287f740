"""What operators and their machines ask."""

import re

from prometheus_client.parser import text_string_to_metric_families

from support.app import AppUnderTest


async def test_a_live_and_ready_process_says_so(app: AppUnderTest) -> None:
    anya = app.person()
    assert ((await anya.get("/livez")).text, (await anya.get("/readyz")).text) == ("ok\n", "ready\n")


async def test_a_process_on_its_way_out_is_alive_but_not_ready(sqlite_app: AppUnderTest) -> None:
    sqlite_app.parley.edge.is_draining = True
    anya = sqlite_app.person()
    assert (await anya.get("/livez")).status == 200
    answer = await anya.get("/readyz")
    assert (answer.status, answer.json["error"]) == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


async def test_metrics_are_what_prometheus_reads(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character("Кира"), sqlite_app.person()
    await anya.says(kira, "Привет!")
    await anya.get("/api/chats/999/messages")
    await anya.get("/nowhere/at/all")
    async with anya.socket(kira):
        answer = await anya.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    name = "parley_http_request_duration_seconds_count"
    assert samples[name, "/api/chats/{character_id}/messages", "200", "POST"] == 1
    assert samples[name, "/api/chats/{character_id}/messages", "404", "GET"] == 1
    assert samples[name, "404", "GET", "unmatched"] == 1
    assert samples["parley_ws_connections",] == 1


async def test_labels_name_routes_never_ids(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character("Кира"), sqlite_app.person()
    for number in range(1234500, 1234520):
        await anya.get(f"/api/chats/{number}/messages/{number}/receipt")
        await anya.get(f"/{number}")
    await anya.get(f"/api/characters/{kira}")
    text = (await anya.get("/metrics")).text
    assert "12345" not in text
    routes = set(re.findall(r'route="([^"]*)"', text))
    assert routes <= {
        "unmatched", "/metrics", "/api/characters/{character_id}",
        "/api/chats/{character_id}/messages/{message_id}/receipt",
    }  # fmt: skip
