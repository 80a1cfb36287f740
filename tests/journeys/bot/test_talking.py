"""A conversation in the bot, as a person sees it."""

import asyncio

from support.telegram import Town


async def test_the_bot_and_the_app_show_the_same_chat(town: Town) -> None:
    character = await town.app.character("Вера")
    person = await town.telegram.person()
    await person.talks_to(character)
    town.app.model.will_say("Hello to you too.")
    await person.says("Hello, Vera")
    await person.reads("Hello to you too.")
    mini_app = town.app.person()
    history = await mini_app.history(character)
    assert [each["message_text"] for each in history] == ["Hello, Vera", "Hello to you too."]
    await mini_app.says(character, "From the app")
    town.app.model.will_say("I remember everything.")
    await person.says("And from the bot")
    await person.reads("I remember everything.")
    prompt = [message.content for message in town.app.model.asked[-1].messages]
    assert "From the app" in prompt


async def test_the_app_sees_live_what_is_said_in_the_bot(town: Town) -> None:
    character = await town.app.character("Вера")
    person = await town.telegram.person()
    await person.talks_to(character)
    async with town.app.person().socket(character) as socket:
        town.app.model.will_say("Good morning.")
        await person.says("Hello")
        frames = await socket.until("message.complete")
    events = [frame["event"] for frame in frames]
    assert events[0] == "message.new"
    assert "message.delta" in events


async def test_a_reply_is_seen_while_it_is_written_and_then_stays(town: Town) -> None:
    character = await town.app.character("Вера")
    person = await town.telegram.person()
    await person.talks_to(character)
    go_on = asyncio.Event()
    town.app.model.will_say("Once upon", " a time.", wait=go_on)
    await person.says("Tell me a story")
    await person.sees(lambda view: view.draft is not None and "Once upon" in view.draft["text"])
    go_on.set()
    view = await person.reads("Once upon a time.")
    assert view.draft is None


async def test_the_stop_button_keeps_what_was_said(town: Town) -> None:
    character = await town.app.character("Вера")
    person = await town.telegram.person()
    await person.talks_to(character)
    never = asyncio.Event()
    town.app.model.will_say("Enough of", " this.", wait=never)
    await person.says("Tell me a story")
    view = await person.sees(lambda view: view.draft is not None and "Enough" in view.draft["text"])
    assert view.draft is not None
    await town.telegram.post("/drafts/stop", bot=42, **{"from": person.id}, draft_id=view.draft["draft_id"])
    await person.sees(lambda view: view.texts[-1].startswith("Enough of"))
    (_, reply) = await town.app.person().history(character)
    assert reply["is_partial"]


async def test_an_edited_message_is_answered_anew(town: Town) -> None:
    character = await town.app.character("Вера")
    person = await town.telegram.person()
    await person.talks_to(character)
    town.app.model.will_say("Cats are soft.")
    said = await person.says("What about cats?")
    await person.reads("Cats are soft.")
    town.app.model.will_say("Dogs are loyal.")
    await person.edits(said["message"]["message_id"], "What about dogs?")
    view = await person.reads("Dogs are loyal.")
    assert not any("Cats are soft." in text for text in view.texts)
    history = await town.app.person().history(character)
    assert [each["message_text"] for each in history] == ["What about dogs?", "Dogs are loyal."]


async def test_messages_said_at_once_are_answered_in_their_order(town: Town) -> None:
    character = await town.app.character("Вера")
    person = await town.telegram.person()
    await person.talks_to(character)
    for number in range(3):
        town.app.model.will_say(f"Answer {number}.")
    for number in range(3):
        await person.says(f"Question {number}")
    await person.reads("Answer 2.")
    history = [each["message_text"] for each in await town.app.person().history(character)]
    assert history == [f"{what} {n}{end}" for n in range(3) for what, end in (("Question", ""), ("Answer", "."))]


async def test_the_daily_limit_is_one_for_bot_and_app(town: Town) -> None:
    character = await town.app.character("Вера")
    person = await town.telegram.person()
    await person.talks_to(character)
    for _ in range(49):
        await town.app.person().says(character, "x")
    town.app.model.will_say("The fiftieth.")
    await person.says("The last one")
    await person.reads("The fiftieth.")
    await person.says("One too many")
    await person.reads("50")
    assert (await town.app.person().says(character, "x")).status == 429
