from xml.etree import ElementTree

from parley.adapters.db import OpenDatabase
from parley.catalogue import sample_cards
from parley.features.characters.core.catalogue import GENRES
from support.catalogue import catalogue_on

CARDS = sample_cards()


def test_the_sample_has_something_for_everybody() -> None:
    assert len(CARDS) >= 14
    assert {card.genre for card in CARDS} == set(GENRES)
    assert {card.access_type for card in CARDS} == {"free", "premium"}
    assert {card.language for card in CARDS} == {"ru", "en"}
    assert sum(card.content_rating == "nsfw" for card in CARDS) == 2
    assert len({card.key for card in CARDS}) == len(CARDS)
    assert CARDS[0].name == "Кира"


def test_every_sample_character_is_a_whole_one() -> None:
    for card in CARDS:
        assert card.is_active
        assert card.greeting
        assert len(card.tags) >= 3
        assert 60 <= len(card.description_long) <= 400
        assert 150 <= len(card.system_prompt.split()) <= 350
        assert "{{char}}" not in card.system_prompt + card.greeting
        assert card.warnings == ()


def test_every_sample_character_has_a_portrait_of_its_own() -> None:
    portraits = [card.picture for card in CARDS if card.picture is not None]
    assert len({portrait.digest for portrait in portraits}) == len(CARDS)
    for portrait in portraits:
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(portrait.body).iter()}
        assert not tags & {"script", "image", "foreignObject", "style", "a", "use"}


async def test_the_sample_is_found_as_people_ask(sqlite_db: OpenDatabase) -> None:
    catalogue = catalogue_on(sqlite_db)
    for card in CARDS:
        await catalogue.cards.put(card)
    assert await catalogue.found("аниме девушка") == ["Кира"]
    assert await catalogue.found("девушки") == ["Кира"]
    assert await catalogue.found("наставнк") == ["Dr. Ada Quill", "Павел Андреевич", "Софья", "Maya Torres"]
    assert await catalogue.found("джаз") == []
