"""The help."""

from collections.abc import Iterable

from aiogram.utils.formatting import Bold, Code, Text

from parley.features.bot.core.commands import COMMANDS
from parley.kernel.sentences import Language


def overview(language: Language) -> Text:
    """How to talk, and every command there is."""
    commands = [f"\n/{each.name} — {each.about[language]}" for each in COMMANDS]
    if language == "ru":
        return Text(
            Bold("Как это работает"),
            "\n\nВыберите персонажа и пишите ему: он ответит прямо здесь. Кнопка 🔄 под ответом просит другой вариант."
            " Если исправить своё сообщение, персонаж ответит заново.\n",
            *commands,
            "\n\nМожно и сразу, одной строкой:",
            *_examples(("characters космос", "memory Люблю чай", "settings Москва")),
        )
    return Text(
        Bold("How it works"),
        "\n\nChoose a character and write: they answer right here. The button 🔄 under a reply asks for another one."
        " If you edit your message, the character answers it anew.\n",
        *commands,
        "\n\nOr at once, in one line:",
        *_examples(("characters space", "memory I love tea", "settings London")),
    )


def _examples(lines: Iterable[str]) -> list[Text]:
    return [Text("\n", Code(f"/{line}")) for line in lines]
