import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.search.words import MAX_WORDS, Analysis, latin, plain

ANALYSIS = Analysis()


def test_a_query_is_its_telling_words_once_each() -> None:
    assert ANALYSIS.query_words("Милая девушка из аниме — и ещё раз ДЕВУШКА") == ("милая", "девушка", "аниме", "раз")
    assert ANALYSIS.query_words("кто это") == ("кто", "это")
    assert ANALYSIS.query_words(" !? ") == ()
    assert len(ANALYSIS.query_words(" ".join(f"w{number}" for number in range(50)))) == MAX_WORDS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("девушки", "девушек"),
        ("кира", "кирой"),
        ("сестра", "сестер"),
        ("сказка", "сказок"),
        ("running", "runs"),
        ("драконы", "драконов"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert set(ANALYSIS.query_stems(one)) & set(ANALYSIS.query_stems(other))


def test_words_that_the_stemmer_mixes_up_have_none() -> None:
    assert ANALYSIS.query_stems("anime") == ANALYSIS.query_stems("animal") == ()


def test_synonyms_cross_the_languages_and_leave_out_the_word_itself() -> None:
    assert "anime" in ANALYSIS.synonyms("аниме")
    assert "аниме" in ANALYSIS.synonyms("anime")
    assert "mentor" in ANALYSIS.synonyms("наставника")
    assert "наставник" not in ANALYSIS.synonyms("наставника")
    assert ANALYSIS.synonyms("стол") == ()


def test_names_are_written_in_latin_letters_as_people_type_them() -> None:
    assert latin("Щукин Ёжик, Юлия") == "shchukin ezhik, yuliya"
    assert latin("Ada") == "ada"


def test_one_form_of_text() -> None:
    assert plain("Ёлка_ёж ﬁ") == "Елка еж fi"


@given(st.text(max_size=200))
def test_any_text_can_be_asked_for(text: str) -> None:
    for word in ANALYSIS.query_words(text):
        assert word
        ANALYSIS.query_stems(word)
        ANALYSIS.synonyms(word)
        latin(word)
