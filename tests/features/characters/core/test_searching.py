from parley.features.characters.core.catalogue import Filters
from parley.features.characters.core.searching import label_of, labels_asked, labels_of


def test_filters_ask_for_marks_that_characters_bear() -> None:
    borne = labels_of("anime", "sfw", "free") | {label_of("tag", "kind"), label_of("tag", "shy")}
    assert labels_asked(Filters(genre="anime", rating="sfw", access_type="free", tags=("kind",))) <= borne
    assert not labels_asked(Filters(tags=("kind", "bold"))) <= borne
    assert labels_asked(Filters()) == frozenset()


def test_a_character_without_a_genre_bears_no_mark_of_one() -> None:
    assert labels_of(None, "sfw", "free") == {"rating:sfw", "access:free"}
