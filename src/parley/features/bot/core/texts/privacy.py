"""What people are told about their data."""

from datetime import datetime
from typing import Final

from aiogram.utils.formatting import Bold, Text

from parley.features.bot.core.texts import words
from parley.features.bot.core.texts.words import Phrase
from parley.features.privacy.core import Amount
from parley.kernel.sentences import Language

ERASE: Final[Phrase] = {"ru": "✓ Стереть всё навсегда", "en": "✓ Erase everything for good"}
ERASED: Final[Phrase] = {
    "ru": "✓ Всё стёрто: больше о вас здесь ничего не известно.\n\n"
    "Сообщения в этом чате Telegram может убрать только вы: откройте меню чата и выберите «Очистить историю»."
    " Захотите вернуться — /start, и мы познакомимся заново.",
    "en": "✓ Everything is erased: nothing is known of you here any more.\n\n"
    "Only you can remove the messages in this Telegram chat: open the chat's menu and choose “Clear history”."
    " If you want to come back, /start, and we will get to know each other anew.",
}
TOO_LARGE: Final[Phrase] = {
    "ru": "Ваших данных больше, чем бот может прислать одним файлом. Попросите файл у владельца бота:"
    " он выгрузит его командой на своём сервере.",
    "en": "There is more data than a bot can send in one file. Ask whoever runs this bot for it:"
    " they can export it with a command on their server.",
}
EXPORTED: Final[Phrase] = {
    "ru": "Всё, что о вас хранится: профиль, переписка со всеми вариантами ответов, память персонажей, подписки."
    " Файл в формате JSON — его откроет любой текстовый редактор. Стереть всё: /forget_me",
    "en": "Everything that is stored about you: profile, conversations with all versions of replies, what characters"
    " remember, subscriptions. The file is JSON, any text editor opens it. To erase it all: /forget_me",
}


def file_name(now: datetime) -> str:
    """What the export is saved as."""
    return f"parley-{now:%Y-%m-%d}.json"


def about(language: Language) -> Text:
    """What is kept, where, how long, and what one can do about it."""
    if language == "ru":
        return Text(
            Bold("Что хранится"),
            "\nИмя, ник и язык из Telegram, ваш профиль и настройки, переписка с персонажами, то, что они о вас"
            " помнят, дневной счётчик сообщений и подписки. Ничего больше: ни телефона, ни контактов.\n\n",
            Bold("Где"),
            "\nВ базе данных того, кто запустил этого бота, и нигде ещё. Чтобы персонаж ответил, языковая модель,"
            " которую выбрал владелец бота, получает ваш профиль, последние сообщения и память о вас.\n\n",
            Bold("Сколько"),
            "\nПока вы сами не сотрёте. Служебные пометки о запросах живут до восьми дней. В резервных копиях"
            " владельца бота стёртое остаётся, пока он их не обновит.\n\n",
            Bold("Что можно сделать"),
            "\n/export — получить всё одним файлом\n/memory — посмотреть и поправить память персонажа"
            "\n/reset — стереть переписку с одним персонажем\n/forget_me — стереть всё",
        )
    return Text(
        Bold("What is stored"),
        "\nYour name, username and language from Telegram, your profile and settings, your conversations with"
        " characters, what they remember of you, the daily count of messages and subscriptions. Nothing else:"
        " neither your phone number nor your contacts.\n\n",
        Bold("Where"),
        "\nIn the database of whoever runs this bot, and nowhere else. For a character to answer, the language model"
        " that they have chosen gets your profile, the latest messages and what is remembered of you.\n\n",
        Bold("How long"),
        "\nUntil you erase it. Technical notes about requests live for up to eight days. In backups of whoever runs"
        " the bot, what was erased stays until they are renewed.\n\n",
        Bold("What you can do"),
        "\n/export: get everything in one file\n/memory: see and correct what a character remembers"
        "\n/reset: erase the conversation with one character\n/forget_me: erase everything",
    )


def ask(amount: Amount, language: Language) -> Text:
    """What will be gone."""
    gone = (
        words.messages(amount.messages, language),
        counted_chats(amount.chats, language),
        words.facts(amount.memories, language),
    )
    if language == "ru":
        said, chats, facts = gone
        return Text(
            Bold("Стереть всё о вас?"),
            f"\n\nПропадут навсегда:\n• переписка: {said}, {chats}\n• память персонажей: {facts}"
            "\n• профиль, настройки и подписки, в том числе действующая\n\n"
            "Вернуть это будет нельзя. Сохранить себе копию: /export",
        )
    said, chats, facts = gone
    return Text(
        Bold("Erase everything about you?"),
        f"\n\nGone for good will be:\n• conversations: {said}, {chats}\n• what characters remember: {facts}"
        "\n• your profile, settings and subscriptions, a running one included\n\n"
        "There is no way back. To keep a copy: /export",
    )


def counted_chats(count: int, language: Language) -> str:
    """So many chats."""
    return words.counted(count, language, ("чат", "чата", "чатов"), ("chat", "chats"))
