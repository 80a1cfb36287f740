import json

import pytest

from parley.adapters.db import OpenDatabase
from parley.features.characters.core import read_card
from parley.features.characters.service import PutCard
from parley.kernel.errors import CharacterNotFound
from parley.kernel.ids import CharacterId
from support.cards import a_card, card_json, png, text_chunk
from support.catalogue import ADULT, MINOR, catalogue_on


async def test_the_same_card_again_updates_its_character_in_place(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    first = await catalogue.cards.put(a_card("Kira", creator="Ann", tags=["anime", "kind"], first_mes="One"))
    await catalogue.use(first.id, 3)
    again = await catalogue.cards.put(a_card(" KIRA", creator="ann", tags=["bold"], first_mes="Two"))
    assert (first.created, again) == (True, PutCard(first.id, created=False))
    entry = await catalogue.characters.entry(MINOR, first.id)
    assert (entry.name, entry.greeting, entry.tags, entry.messages_count) == ("KIRA", "Two", ("bold",), 6)


async def test_another_creator_makes_another_character(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    one = await catalogue.cards.put(a_card("Kira", creator="Ann"))
    other = await catalogue.cards.put(a_card("Kira", creator="Bea"))
    assert one.id != other.id


async def test_a_removed_character_is_gone_for_people_and_comes_back_by_import(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    kira = await catalogue.add("Kira")
    assert (await catalogue.characters.visible(MINOR, kira)).name == "Kira"
    await catalogue.cards.remove(kira)
    assert await catalogue.names() == []
    assert await catalogue.found("kira") == []
    assert await catalogue.cards.listing() == ()
    for gone in (catalogue.characters.visible(MINOR, kira), catalogue.characters.entry(ADULT, kira)):
        with pytest.raises(CharacterNotFound):
            await gone
    assert await catalogue.add("Kira") == kira
    assert await catalogue.names() == await catalogue.found("kira") == ["Kira"]


async def test_what_is_not_there_can_be_neither_removed_nor_exported(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    kira = await catalogue.add("Kira")
    await catalogue.cards.remove(kira)
    for gone in (CharacterId(99), kira):
        with pytest.raises(CharacterNotFound):
            await catalogue.cards.remove(gone)
        with pytest.raises(CharacterNotFound):
            await catalogue.cards.export(gone, png=False)


async def test_the_list_shows_inactive_characters_too(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    kira = await catalogue.add("Kira", parley={"is_active": False, "access_type": "premium", "genre": "anime"})
    (listed,) = await catalogue.cards.listing()
    assert (listed.id, listed.is_active, listed.access_type, listed.genre) == (kira, False, "premium", "anime")


async def test_a_card_goes_out_as_it_came_in(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    text = card_json("Kira", unknown={"kept": [1, "два"]})
    kira = (await catalogue.cards.put(read_card(text))).id
    assert await catalogue.cards.export(kira, png=False) == text
    again = read_card(await catalogue.cards.export(kira, png=True))
    assert json.loads(again.original)["data"]["unknown"] == {"kept": [1, "два"]}
    assert await catalogue.cards.put(again) == PutCard(kira, created=False)


async def test_a_png_card_keeps_its_picture(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    kira = (await catalogue.cards.put(read_card(png(text_chunk("chara", card_json("Kira")))))).id
    entry = await catalogue.characters.entry(MINOR, kira)
    assert entry.avatar_url.endswith(".png")
    assert (await catalogue.characters.avatar(kira, entry.avatar_digest)).body == png()
    assert (
        read_card(await catalogue.cards.export(kira, png=True)).picture
        == read_card(png(text_chunk("chara", card_json("Kira")))).picture
    )
