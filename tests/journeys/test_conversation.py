"""A person talks to a character."""

from support.app import AppUnderTest


async def test_a_message_is_answered_and_both_are_in_the_history(app: AppUnderTest) -> None:
    kira, anya = await app.character("Кира"), app.person()
    app.model.will_say("Привет! Отлично, а у тебя?")
    answer = await anya.says(kira, "Привет! Как дела?")
    assert answer.status == 200
    assert answer.json["assistant_message"]["message_text"] == "Привет! Отлично, а у тебя?"
    assert answer.json["limits"]["remaining"] == 49
    assert [each["message_text"] for each in await anya.history(kira)] == [
        "Привет! Как дела?",
        "Привет! Отлично, а у тебя?",
    ]


async def test_a_second_device_sees_the_turn_as_it_happens(app: AppUnderTest) -> None:
    kira, anya = await app.character("Кира"), app.person()
    async with anya.socket(kira) as phone, anya.socket(kira) as laptop:
        await phone.send("send_message", message="Привет!", client_id="c1")
        frames = await laptop.until("message.complete")
    events = [each["event"] for each in frames]
    assert events[:2] == ["message.new", "message.typing"]
    assert events[-3:] == ["message.typing", "message.new", "message.complete"]
    assert frames[0]["data"]["client_id"] == "c1"
    deltas = [each["data"] for each in frames if each["event"] == "message.delta"]
    assert "".join(each["text"] for each in deltas) == frames[-2]["data"]["message_text"]
    assert [each["index"] for each in deltas] == list(range(len(deltas)))
