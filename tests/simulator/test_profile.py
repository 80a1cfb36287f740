import pytest

from support.simulator import LENA, BotClient, Simulator


async def test_commands_are_kept_by_scope_and_language(simulator: Simulator, bot: BotClient) -> None:
    commands = [{"command": "start", "description": "Begin"}]
    russian = [{"command": "start", "description": "Начать"}]
    own = [{"command": "mine", "description": "Only here"}]
    chat = {"type": "chat", "chat_id": LENA}
    await bot.call("setMyCommands", commands=commands)
    await bot.call("setMyCommands", commands=russian, language_code="ru")
    await bot.call("setMyCommands", commands=own, scope=chat)
    assert await bot.call("getMyCommands") == commands
    assert await bot.call("getMyCommands", language_code="ru") == russian
    assert await bot.call("getMyCommands", language_code="de") == []
    assert await bot.call("getMyCommands", scope=chat) == own
    assert (await simulator.get("/sim/bots/42")).json["commands"] == commands
    await bot.call("deleteMyCommands", scope=chat)
    assert await bot.call("getMyCommands", scope=chat) == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({"command": "no way", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "a", "description": ""}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("a", "can't parse BotCommand: expected an Object"),
    ],
)
async def test_a_bad_command_is_refused(bot: BotClient, command: object, words: str) -> None:
    assert await bot.refused("setMyCommands", commands=[command]) == (400, f"Bad Request: {words}")


async def test_a_bot_says_who_it_is(bot: BotClient) -> None:
    await bot.call("setMyName", name="Parrot")
    await bot.call("setMyDescription", description="Что я умею", language_code="ru")
    await bot.call("setMyShortDescription", short_description="I talk")
    assert (await bot.call("getMe"))["first_name"] == "Parrot"
    assert await bot.call("getMyName") == {"name": "Parrot"}
    assert await bot.call("getMyDescription", language_code="ru") == {"description": "Что я умею"}
    assert await bot.call("getMyDescription") == {"description": ""}
    assert await bot.call("getMyShortDescription", language_code="ru") == {"short_description": "I talk"}


async def test_a_menu_button_is_for_one_chat_or_for_all(bot: BotClient) -> None:
    app = {"type": "web_app", "text": "Open", "web_app": {"url": "http://127.0.0.1:8080/app/"}}
    assert await bot.call("getChatMenuButton") == {"type": "default"}
    await bot.call("setChatMenuButton", menu_button=app)
    assert await bot.call("getChatMenuButton", chat_id=LENA) == app
    await bot.call("setChatMenuButton", chat_id=LENA, menu_button={"type": "commands"})
    assert await bot.call("getChatMenuButton", chat_id=LENA) == {"type": "commands"}
    assert await bot.call("getChatMenuButton") == app


async def test_logging_out_and_closing_succeed(bot: BotClient) -> None:
    assert await bot.call("logOut") is True
    assert await bot.call("close") is True
