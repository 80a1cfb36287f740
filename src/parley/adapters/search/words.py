"""How text becomes words, and which words stand for the same."""

import re
import unicodedata
from typing import Final

import tantivy

MAX_WORDS: Final = 12
"""Of a query; the rest says no more."""

_YO: Final = str.maketrans({"ё": "е", "Ё": "Е"})

_STOP_TEXT: Final = """
а без более бы был была были было быть в вам вас весь во вот все вы где да для до его ее если есть еще же за и из или им
их к как ко когда кто ли мне мы на над не него нее нет ни них но ну о об от по под при про с со так такая также такой
там то того тоже только ты у уж чем что чтобы эта это этот я
a an and are as at be by for from in is it its of on or that the this to with
"""
STOP_WORDS: Final = frozenset(_STOP_TEXT.split())
"""Words that every text has: they tell nothing of what is looked for."""

_SYNONYMS: Final = (
    ("anime", "аниме", "анимэ"),
    ("romance", "романтика", "романтик", "любовь", "love"),
    ("fantasy", "фэнтези", "фентези", "фентази"),
    ("mentor", "наставник", "учитель", "наставница", "коуч", "coach", "teacher"),
    ("friendly", "дружелюбный", "дружеский"),
    ("friend", "друг", "подруга"),
    ("girl", "девушка", "девочка"),
    ("boy", "парень", "мальчик"),
    ("magic", "магия", "волшебство"),
    ("mage", "маг", "волшебник", "wizard"),
    ("witch", "ведьма", "колдунья"),
    ("elf", "эльф", "эльфийка"),
    ("dragon", "дракон"),
    ("vampire", "вампир", "вампирша"),
    ("knight", "рыцарь"),
    ("detective", "детектив", "сыщик"),
    ("adventure", "приключение", "приключения"),
    ("school", "школа"),
    ("student", "студент", "студентка"),
    ("kind", "добрый"),
    ("cute", "милый", "милая"),
    ("funny", "смешной", "веселый"),
    ("humor", "юмор", "humour"),
    ("music", "музыка"),
    ("science", "наука"),
    ("history", "история"),
    ("psychology", "психология", "психолог", "psychologist"),
    ("english", "английский"),
    ("language", "язык", "языки", "languages"),
    ("cooking", "кулинария", "готовка", "повар", "cook"),
    ("fitness", "фитнес", "спорт", "sport"),
    ("cat", "кот", "кошка"),
    ("robot", "робот", "android", "андроид"),
    ("space", "космос"),
    ("tsundere", "цундере"),
    ("game", "игра", "games", "игры"),
    ("books", "book", "книги", "книга"),
    ("coffee", "кофе"),
    ("jazz", "джаз"),
    ("pirates", "pirate", "пираты", "пират"),
    ("drawing", "рисование", "рисовать"),
    ("programming", "программирование", "программист"),
    ("shy", "застенчивый", "скромный"),
    ("calm", "спокойный"),
    ("wise", "мудрый"),
)
"""Cards carry English tags, people ask in both languages. A tag is indexed under all its words: typos count in each."""


_UNSTEMMED: Final = frozenset({"anime", "animal", "animals"})
"""The English stemmer makes one stem of them."""

_FLEETING: Final = re.compile("(.*[бвгджзйклмнпрстфхцчшщ])[ео]([бвгджзйклмнпрстфхцчшщ])")
_CLUSTER: Final = re.compile("(.*[бвгджзйклмнпрстфхцчшщ])([бвгджзйклмнпрстфхцчшщ])")


class Analysis:
    """Text to words and words to stems, by the same rules for documents and for queries."""

    def __init__(self) -> None:
        self.words = _analyzer()
        self.stems = _analyzer("russian", "english")
        self._meanings = self._by_key()

    def query_words(self, text: str) -> tuple[str, ...]:
        """The telling words of a query, without repetition; all of them if none tells much."""
        words = tuple(dict.fromkeys(self.words.analyze(plain(text))))
        telling = tuple(word for word in words if word not in STOP_WORDS)
        return (telling or words)[:MAX_WORDS]

    def query_stems(self, word: str) -> tuple[str, ...]:
        """What the forms of the word share; a fleeting vowel (девушка, девушек) makes it more than one."""
        if word in _UNSTEMMED:
            return ()
        stem = self._stem(word)
        return (stem, *_vowel_variants(stem))

    def synonyms(self, word: str) -> tuple[str, ...]:
        """Other words for the same, also in the other language."""
        key = self._key(word)
        return tuple(other for other in self._meanings.get(key, ()) if self._key(other) != key)

    def _stem(self, word: str) -> str:
        return next(iter(self.stems.analyze(word)), word)

    def _key(self, word: str) -> str:
        """Russian words have many forms, the English ones in the table hardly any."""
        return word if word.isascii() else self._stem(word)

    def _by_key(self) -> dict[str, tuple[str, ...]]:
        meanings: dict[str, tuple[str, ...]] = {}
        for group in _SYNONYMS:
            words = tuple(plain(word) for word in group)
            for key in {self._key(word) for word in words}:
                meanings[key] = meanings.get(key, ()) + words
        return meanings


def _vowel_variants(stem: str) -> tuple[str, ...]:
    if len(stem) < 4:
        return ()
    if (fleeting := _FLEETING.fullmatch(stem)) is not None:
        return (fleeting[1] + fleeting[2],)
    if (cluster := _CLUSTER.fullmatch(stem)) is not None:
        return (f"{cluster[1]}е{cluster[2]}", f"{cluster[1]}о{cluster[2]}")
    return ()


def plain(text: str) -> str:
    """The text in one form: composed, ё as е, words with underscores parted."""
    return unicodedata.normalize("NFKC", text).translate(_YO).replace("_", " ")


def latin(name: str) -> str:
    """The name as it is often typed in Latin letters: «Кира» is looked for as `kira` too."""
    return plain(name).casefold().translate(_LATIN)


_LATIN: Final = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфцыэ", "abvgdeziyklmnoprstufcye", strict=True))
    | {"ж": "zh", "х": "kh", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
)


def _analyzer(*languages: str) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.remove_long(64)).filter(tantivy.Filter.lowercase())
    for language in languages:
        builder = builder.filter(tantivy.Filter.stemmer(language))
    return builder.build()
