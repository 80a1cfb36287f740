"""What Telegram, the network and other people do wrong, by the simulator's faults."""

import asyncio

from support.telegram import BOT, PersonInTelegram, Town


async def talking(town: Town, name: str = "Вера", number: int = 7) -> tuple[PersonInTelegram, int]:
    """Somebody who has chosen a character."""
    character = await town.app.character(name)
    person = await town.telegram.person(number)
    await person.talks_to(character)
    return person, character


async def said_to(town: Town, character: int, number: int = 7) -> list[str]:
    """What was said in the chat, as the Mini App shows it."""
    return [each["message_text"] for each in await town.app.person(number).history(character)]


async def test_an_update_that_telegram_repeats_is_answered_once(town: Town) -> None:
    person, character = await talking(town)
    town.app.model.will_say("The first answer.")
    said = await person.says("Hello")
    await person.reads("The first answer.")
    await town.telegram.post("/redeliver", bot=BOT, update_ids=[said["update_id"]] * 3)
    town.app.model.will_say("The second answer.")
    await person.says("And now?")
    view = await person.reads("The second answer.")
    assert sum("The first answer." in text for text in view.texts) == 1
    assert await said_to(town, character) == ["Hello", "The first answer.", "And now?", "The second answer."]


async def test_updates_that_come_in_another_order_lose_nothing(town: Town) -> None:
    person, character = await talking(town)
    await town.telegram.post("/hold", bot=BOT, hold=True)
    first, second = await person.says("one"), await person.says("two")
    await town.telegram.post("/redeliver", bot=BOT, update_ids=[second["update_id"], first["update_id"]])
    await town.telegram.post("/hold", bot=BOT, hold=False)
    town.app.model.will_say("Answer A.")
    town.app.model.will_say("Answer B.")
    await person.reads("Answer B.")
    assert [text for text in await said_to(town, character) if text in {"one", "two"}] == ["two", "one"]


async def test_a_message_of_yesterday_is_still_answered(town: Town) -> None:
    person, _ = await talking(town)
    town.app.model.will_say("Better late than never.")
    now = int(town.app.clock.now().timestamp())
    await person.says("Are you there?", date=now - 23 * 3600)
    await person.reads("Better late than never.")


async def test_a_very_long_message_is_refused_in_words(town: Town) -> None:
    person, character = await talking(town)
    await person.says("я" * 4050)
    await person.sees(lambda view: len(view.texts) >= 2)
    assert await said_to(town, character) == []


async def test_a_reply_waits_out_telegrams_limit_and_comes_once(town: Town) -> None:
    person, _ = await talking(town)
    await town.telegram.fault("sendMessage", status=429, description="Too Many Requests: retry after 1", retry_after=1)
    town.app.model.will_say("Patience.")
    await person.says("Hello")
    view = await person.reads("Patience.")
    assert sum("Patience." in text for text in view.texts) == 1


async def test_a_reply_outlasts_a_telegram_that_breaks(town: Town) -> None:
    person, _ = await talking(town)
    await town.telegram.fault("sendMessage", times=2, status=500, description="Internal Server Error")
    town.app.model.will_say("Still here.")
    await person.says("Hello")
    view = await person.reads("Still here.")
    assert sum("Still here." in text for text in view.texts) == 1


async def test_a_reply_whose_answer_got_lost_comes_twice_at_most(town: Town) -> None:
    person, character = await talking(town)
    await town.telegram.fault("sendMessage", drop="after")
    town.app.model.will_say("Did you hear me?")
    await person.says("Hello")
    await person.sees(lambda view: sum("Did you hear me?" in text for text in view.texts) == 2)
    assert await said_to(town, character) == ["Hello", "Did you hear me?"]


async def test_another_poller_on_the_same_token_is_outlasted(town: Town) -> None:
    person, _ = await talking(town)
    said = await town.telegram.call("getUpdates", timeout=0)
    assert said["ok"] or said["error_code"] == 409
    town.app.model.will_say("I am back.")
    await person.says("Hello")
    await person.reads("I am back.")


async def test_updates_that_cannot_be_fetched_for_a_while_are_handled_afterwards(town: Town) -> None:
    person, _ = await talking(town)
    await town.telegram.fault("getUpdates", times=2, status=502, description="Bad Gateway")
    await town.telegram.fault("getUpdates", status=409, description="Conflict: terminated by other getUpdates request")
    town.app.model.will_say("All there.")
    await person.says("Hello")
    await person.reads("All there.")


async def test_who_blocks_the_bot_is_left_alone_and_welcome_again(town: Town) -> None:
    person, character = await talking(town)
    go_on = asyncio.Event()
    town.app.model.will_say("You will", " never read this.", wait=go_on)
    await person.says("Hello")
    await asyncio.wait_for(town.app.model.said.wait(), 10)
    await town.telegram.post("/block", bot=BOT, **{"from": person.id}, blocked=True)
    go_on.set()
    other, _ = await talking(town, "Другая", 8)
    town.app.model.will_say("To somebody else.")
    await other.says("Hello")
    await other.reads("To somebody else.")
    assert await said_to(town, character) == ["Hello", "You will never read this."]
    await town.telegram.post("/block", bot=BOT, **{"from": person.id}, blocked=False)
    town.app.model.will_say("Welcome back.")
    await person.says("I am here again")
    await person.reads("Welcome back.")


async def test_a_tap_on_what_never_was_there_is_answered_politely(town: Town) -> None:
    person, _ = await talking(town)
    view = await person.view()
    message = next(each["message_id"] for each in view.messages if each["from"]["id"] == BOT)
    for forged in ("x", "talk:999999999", "m:d:1", "п" * 32, "c:-1", ":" * 64):
        answer = await person.taps_data(message, forged, stale=True)
        assert answer["text"]
