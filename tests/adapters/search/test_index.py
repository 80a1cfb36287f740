import pytest

from parley.adapters.search.index import TantivyCharacterIndex
from parley.kernel.ids import CharacterId
from parley.kernel.search import SearchDocument

SFW = "rating:sfw"


def document(
    number: int, name: str, *tags: str, text: str = "", labels: tuple[str, ...] = (SFW,), popularity: int = 0
) -> SearchDocument:
    return SearchDocument(CharacterId(number), name, tags, text, frozenset(labels), popularity)


CATALOGUE = [
    document(1, "Кира", "anime", "friendly", text="Милая девушка из аниме, рисует мангу"),
    document(2, "Dr. Ada Quill", "mentor", "science", text="A physicist who explains running water and teacups"),
    document(3, "Мира", "fantasy", "witch", text="Лесная ведьма, варит зелья и любит Киру Булычёва"),
    document(4, "Уголёк", "fantasy", "dragon", text="Дракон размером с чайник, охраняет сокровище"),
    document(5, "Елена", "romance", "books", text="Хранительница книжной лавки у моря"),
    document(6, "Скрытая", "anime", text="Милая девушка для взрослых", labels=("rating:nsfw",)),
]
NAMES = {each.id: each.name for each in CATALOGUE}


@pytest.fixture(scope="module")
def index() -> TantivyCharacterIndex:
    index = TantivyCharacterIndex()
    index.put(CATALOGUE)
    index.publish()
    return index


def found(index: TantivyCharacterIndex, text: str, *labels: str) -> list[str]:
    answer = index.search(text, labels or (SFW,), limit=50, offset=0)
    assert answer.total == len(answer.ids)
    return [NAMES[each] for each in answer.ids]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("кира", ["Кира", "Мира"]),  # the name before the text that mentions it
        ("КИРУ", ["Кира", "Мира"]),
        ("девушки", ["Кира"]),
        ("девушек", ["Кира"]),
        ("девушкой", ["Кира"]),
        ("аниме девушка", ["Кира"]),
        ("милая девушка из аниме", ["Кира"]),
        ("драконы", ["Уголёк"]),
        ("уголек", ["Уголёк"]),
        ("УГОЛЁК", ["Уголёк"]),
        ("teacup", ["Dr. Ada Quill"]),
        ("explaining", ["Dr. Ada Quill"]),
        ("ada quill", ["Dr. Ada Quill"]),
        ("ada-quill!", ["Dr. Ada Quill"]),
    ],
)
def test_words_are_found_in_every_form(index: TantivyCharacterIndex, text: str, names: list[str]) -> None:
    assert found(index, text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("наставник", ["Dr. Ada Quill"]),
        ("наставники", ["Dr. Ada Quill"]),
        ("учителя", ["Dr. Ada Quill"]),
        ("наука", ["Dr. Ada Quill"]),
        ("фэнтези", ["Мира", "Уголёк"]),
        ("фентези", ["Мира", "Уголёк"]),
        ("романтика", ["Елена"]),
        ("dragons", ["Уголёк"]),
        ("witch", ["Мира"]),
        ("books", ["Елена"]),
        ("girl", ["Кира"]),
        ("аниме", ["Кира"]),
    ],
)
def test_tags_and_texts_are_found_across_both_languages(
    index: TantivyCharacterIndex, text: str, names: list[str]
) -> None:
    assert found(index, text) == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("кера", "Кира"),
        ("девшука", "Кира"),
        ("довушки", "Кира"),
        ("анме", "Кира"),
        ("драккон", "Уголёк"),
        ("сокравище", "Уголёк"),
        ("сакровище", "Уголёк"),
        ("сакравищи", "Уголёк"),
        ("наставнк", "Dr. Ada Quill"),
        ("physisict", "Dr. Ada Quill"),
        ("explians", "Dr. Ada Quill"),
        ("хранитильница книжной", "Елена"),
    ],
)
def test_a_typo_or_two_are_forgiven(index: TantivyCharacterIndex, text: str, name: str) -> None:
    assert name in found(index, text)


def test_a_word_that_is_spelled_right_does_not_drag_in_its_look_alikes(index: TantivyCharacterIndex) -> None:
    assert found(index, "мира") == ["Мира"]


@pytest.mark.parametrize("text", ["ки", "кир", "kir", "КИР"])
def test_a_name_is_found_while_it_is_typed_in_either_alphabet(index: TantivyCharacterIndex, text: str) -> None:
    assert found(index, text)[0] == "Кира"


@pytest.mark.parametrize(
    ("text", "name"), [("kira", "Кира"), ("elena", "Елена"), ("ugolek", "Уголёк"), ("ада", "Dr. Ada Quill")]
)
def test_a_name_is_found_in_the_other_alphabet(index: TantivyCharacterIndex, text: str, name: str) -> None:
    assert found(index, text)[0] == name


@pytest.mark.parametrize(
    "text", ["xyz", "несуществующее", "!!!", "🙂", '\\ " * ( OR', "а" * 200, "name_words:кира AND"]
)
def test_what_nobody_bears_is_not_found_and_nothing_is_syntax(index: TantivyCharacterIndex, text: str) -> None:
    assert "Dr. Ada Quill" not in found(index, text)


def test_most_words_are_enough_where_no_one_bears_them_all(index: TantivyCharacterIndex) -> None:
    assert found(index, "дракон космонавт") == ["Уголёк"]
    assert found(index, "дракон сокровище космонавт") == ["Уголёк"]
    assert found(index, "дракон космонавт водолаз") == []


def test_words_that_every_text_has_do_not_count(index: TantivyCharacterIndex) -> None:
    assert found(index, "кто это с драконом") == ["Уголёк"]


def test_all_labels_must_be_borne(index: TantivyCharacterIndex) -> None:
    assert found(index, "девушка", "rating:nsfw") == ["Скрытая"]
    assert found(index, "девушка", "rating:nsfw", "genre:anime") == []


def test_a_name_ranks_before_a_tag_and_a_tag_before_the_text() -> None:
    index = TantivyCharacterIndex()
    index.put([document(1, "X", text="магия"), document(2, "Y", "магия"), document(3, "Магия")])
    index.publish()
    assert index.search("магия", (), limit=9, offset=0).ids == (3, 2, 1)
    assert index.search("магии", (), limit=9, offset=0).ids == (3, 2, 1)


def test_equals_rank_by_popularity_and_then_by_id() -> None:
    index = TantivyCharacterIndex()
    index.put(
        [
            document(number, "Кира", popularity=popularity)
            for number, popularity in ((1, 5), (2, 9), (3, 9), (4, 1251), (5, 1250))
        ]
    )
    index.publish()
    assert index.search("кира", (), limit=9, offset=0).ids == (4, 5, 2, 3, 1)


def test_popularity_never_outweighs_a_better_match() -> None:
    index = TantivyCharacterIndex()
    index.put(
        [document(1, "X", text="кира", popularity=2**40), document(2, "Кира"), document(3, "Киры", popularity=2**40)]
    )
    index.publish()
    assert index.search("кира", (), limit=9, offset=0).ids == (2, 3, 1)


def test_pages_of_a_search_neither_overlap_nor_leave_gaps() -> None:
    index = TantivyCharacterIndex()
    index.put([document(number, "Кира", popularity=number % 3) for number in range(1, 26)])
    index.publish()
    whole = index.search("кира", (), limit=100, offset=0)
    pages = [index.search("кира", (), limit=7, offset=offset) for offset in range(0, 28, 7)]
    assert tuple(each for page in pages for each in page.ids) == whole.ids
    assert {page.total for page in pages} == {25}
    assert index.search("кира", (), limit=7, offset=2**63 - 1).ids == ()


def test_changes_show_when_they_are_published() -> None:
    index = TantivyCharacterIndex()
    index.put([document(1, "Кира"), document(2, "Мира")])
    assert (index.size, index.search("кира", (), limit=9, offset=0).total) == (0, 0)
    index.publish()
    index.put([document(1, "Ада")])
    index.remove([CharacterId(2)])
    assert index.search("кира", (), limit=9, offset=0).ids == (1,)
    index.publish()
    assert index.size == 1
    assert [index.search(name, (), limit=9, offset=0).ids for name in ("кира", "мира", "ада")] == [(), (), (1,)]


def test_a_character_that_is_put_twice_before_a_publish_is_there_once() -> None:
    index = TantivyCharacterIndex()
    index.put([document(1, "Кира")])
    index.put([document(1, "Ада")])
    index.publish()
    index.publish()
    assert index.size == 1
    assert index.search("ада", (), limit=9, offset=0).ids == (1,)
