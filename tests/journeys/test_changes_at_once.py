"""Several changes of one chat at the same moment: each happens whole or not at all, and none waits for ever."""

import asyncio

from support.app import AppUnderTest
from support.turns import lasting, texts


async def test_changes_of_one_message_at_once_do_not_wait_for_each_other(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    for round_ in range(6):
        await anya.says(kira, f"message {round_}")
        message = (await anya.post(f"/api/chats/{kira}/regenerate")).json["message"]["id"]
        path = f"/api/chats/{kira}/messages/{message}"
        answers = await asyncio.gather(
            anya.post(f"/api/chats/{kira}/regenerate"),
            anya.patch(path, {"message": "edited"}),
            anya.post(f"{path}/variants/1/select"),
            anya.delete(path),
            anya.post(f"/api/chats/{kira}/forget-recent", {"count": 1}),
            anya.patch(path, {"message": "edited again"}),
            anya.post(f"/api/chats/{kira}/new-scene", {"messages_to_keep": 2}),
        )
        assert {each.status for each in answers} <= {200, 400, 404, 409}, [each.text for each in answers]


async def test_the_count_of_messages_stays_true_whatever_happens_at_once(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    for _ in range(4):
        await asyncio.gather(
            anya.says(kira, "One"),
            anya.post(f"/api/chats/{kira}/forget-recent", {"count": 1}),
            anya.post(f"/api/chats/{kira}/regenerate"),
            anya.says(kira, "Two"),
            anya.post(f"/api/chats/{kira}/new-scene", {"messages_to_keep": 3}),
        )
        page = (await anya.get(f"/api/chats/{kira}/messages?limit=100")).json
        session = (await anya.get(f"/api/chats/{kira}/session")).json
        assert len(page["messages"]) == page["total"] == session["messages_count"]


async def test_events_of_changes_at_once_are_numbered_without_gaps_and_fold_to_what_is_there(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    async with anya.socket(kira, after=0) as phone:
        await asyncio.gather(
            *(anya.says(kira, f"message {number}") for number in range(3)),
            *(anya.patch(f"/api/chats/{kira}/session", {"mood_preference": "sweet"}) for _ in range(3)),
            anya.post(f"/api/chats/{kira}/forget-recent", {"count": 1}),
        )
        newest = int((await anya.get(f"/api/chats/{kira}/messages")).headers["X-Chat-Seq"])
        frames = [await phone.next()]
        while not lasting(frames) or lasting(frames)[-1]["seq"] < newest:
            frames.append(await phone.next())
    assert [each["seq"] for each in lasting(frames)] == list(range(1, newest + 1))
    there = {each["data"]["id"]: each["data"]["message_text"] for each in frames if each["event"] == "message.new"}
    for frame in frames:
        if frame["event"] == "message.deleted":
            for gone in frame["data"]["message_ids"]:
                there.pop(gone, None)
    assert [there[number] for number in sorted(there)] == await texts(anya, kira)
