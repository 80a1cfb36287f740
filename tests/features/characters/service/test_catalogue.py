import pytest

from parley.adapters.db import OpenDatabase
from parley.adapters.search.index import TantivyCharacterIndex
from parley.features.characters.core import Filters, Window
from parley.features.characters.service import CatalogueVersion, Characters
from parley.features.characters.service.search import LARGE
from parley.kernel.errors import AgeConfirmationRequired, CharacterNotFound, NotFound
from parley.kernel.ids import CharacterId, UserId
from parley.kernel.search import SearchDocument
from support.catalogue import ADULT, MINOR, Catalogue, catalogue_on
from support.virtual_clock import VirtualClock


async def stocked(db: OpenDatabase) -> tuple[Catalogue, dict[str, CharacterId]]:
    """Kira anime+kind, Mira fantasy+kind premium, Lord nsfw anime, Idle inactive."""
    catalogue = catalogue_on(db)
    ids = {
        "Kira": await catalogue.add("Kira", tags=["anime", "kind"]),
        "Mira": await catalogue.add("Mira", tags=["fantasy", "kind"], parley={"access_type": "premium"}),
        "Lord": await catalogue.add("Lord", tags=["anime", "nsfw"]),
        "Idle": await catalogue.add("Idle", tags=["kind"], parley={"is_active": False}),
    }
    return catalogue, ids


async def test_people_see_active_sfw_characters(db: OpenDatabase) -> None:
    catalogue, _ = await stocked(db)
    assert await catalogue.names() == ["Kira", "Mira"]
    assert await catalogue.names(ADULT) == ["Kira", "Mira"]
    assert await catalogue.names(ADULT, rating="nsfw") == ["Lord"]
    with pytest.raises(AgeConfirmationRequired):
        await catalogue.names(MINOR, rating="nsfw")
    with pytest.raises(AgeConfirmationRequired):
        await catalogue.found("lord", MINOR, rating="nsfw")


async def test_filters_narrow_the_list_and_the_search_alike(db: OpenDatabase) -> None:
    catalogue, _ = await stocked(db)
    assert await catalogue.names(genre="anime") == ["Kira"]
    assert await catalogue.names(access_type="premium") == ["Mira"]
    assert await catalogue.names(tags=("kind",)) == ["Kira", "Mira"]
    assert await catalogue.names(tags=("kind", "fantasy")) == ["Mira"]
    assert await catalogue.names(tags=("kind", "unheard")) == []
    assert await catalogue.found("somebody") == ["Kira", "Mira"]
    assert await catalogue.found("somebody", genre="anime") == ["Kira"]
    assert await catalogue.found("somebody", access_type="premium") == ["Mira"]
    assert await catalogue.found("somebody", tags=("kind", "fantasy")) == ["Mira"]
    assert await catalogue.found("somebody", ADULT, rating="nsfw") == ["Lord"]


async def test_by_id_a_confirmed_age_suffices(db: OpenDatabase) -> None:
    catalogue, ids = await stocked(db)
    assert (await catalogue.characters.entry(ADULT, ids["Lord"])).name == "Lord"
    assert (await catalogue.characters.visible(ADULT, ids["Lord"])).name == "Lord"
    for refused in (catalogue.characters.entry, catalogue.characters.visible):
        with pytest.raises(AgeConfirmationRequired):
            await refused(MINOR, ids["Lord"])
        for missing in (ids["Idle"], CharacterId(999)):
            with pytest.raises(CharacterNotFound):
                await refused(ADULT, missing)


async def test_popular_follows_use_and_then_the_id(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    one, two, three = [await catalogue.add(name) for name in ("One", "Two", "Three")]
    await catalogue.use(three, 2)
    await catalogue.use(two)
    assert await catalogue.names() == ["Three", "Two", "One"]
    await catalogue.use(one)
    assert await catalogue.names() == ["Three", "One", "Two"]
    entry = await catalogue.characters.entry(MINOR, three)
    assert (entry.messages_count, entry.popularity_score) == (4, 2)


async def test_new_shows_the_newest_first(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    for name in ("One", "Two", "Three"):
        await catalogue.add(name)
    assert await catalogue.names(sort="new") == ["Three", "Two", "One"]


async def test_recommended_weighs_tags_by_ones_own_chats(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    names = {
        name: await catalogue.add(name, tags=[tag]) for name, tag in (("A", "x"), ("B", "y"), ("C", "y"), ("D", "z"))
    }
    await catalogue.use(names["D"], 5)
    assert await catalogue.names(sort="recommended") == await catalogue.names() == ["D", "A", "B", "C"]
    await chat(db, MINOR.user, names["C"], 10)
    await chat(db, UserId(2), names["A"], 99)
    assert await catalogue.names(sort="recommended") == ["B", "C", "D", "A"]
    await chat(db, MINOR.user, names["A"], 20)
    assert await catalogue.names(sort="recommended") == ["A", "B", "C", "D"]


async def chat(db: OpenDatabase, user: UserId, character: CharacterId, messages: int) -> None:
    async with db.begin() as tx:
        await tx.run(
            "INSERT INTO users (id, telegram_user_id, first_name, display_name, language, created_at, updated_at)"
            " VALUES (:user, :user, 'A', 'A', 'ru', 0, 0) ON CONFLICT DO NOTHING",
            user=user,
        )
        await tx.run(
            "INSERT INTO chats (user_id, character_id, messages_count, created_at)"
            " VALUES (:user, :character, :messages, 0)",
            user=user,
            character=character,
            messages=messages,
        )


async def test_pages_cover_all_and_totals_are_true(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    for number in range(5):
        await catalogue.add(f"N{number}")
    page = await catalogue.characters.page(MINOR, Filters(), "popular", Window(limit=2, offset=4))
    assert ([entry.name for entry in page.entries], page.total) == (["N4"], 5)
    await catalogue.add("N5")
    page = await catalogue.characters.page(MINOR, Filters(), "popular", Window(limit=2, offset=2**63 - 1))
    assert (page.entries, page.total) == ((), 6)


async def test_tags_count_active_characters(db: OpenDatabase) -> None:
    catalogue, ids = await stocked(db)
    tags = await catalogue.characters.tags()
    assert [(tag.name, tag.usage_count) for tag in tags] == [("anime", 2), ("kind", 2), ("fantasy", 1), ("nsfw", 1)]
    assert [tag.name for tag in await catalogue.characters.tags("genre")] == ["anime", "fantasy"]
    assert await catalogue.characters.tags("theme") == ()
    await catalogue.cards.remove(ids["Kira"])
    assert [tag.usage_count for tag in await catalogue.characters.tags("genre")] == [1, 1]


async def test_a_character_has_what_a_conversation_needs(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    kira = await catalogue.add("Kira", system_prompt="Be {{char}} to {{user}}.", parley={"language": "ru"})
    character = await catalogue.characters.visible(MINOR, kira)
    assert character.system_prompt.startswith("Be Kira to {{user}}.")
    assert (character.greeting, character.language, character.access_type) == ("Hello, {{user}}!", "ru", "free")


async def test_a_change_by_another_process_shows_once_its_version_is_known(db: OpenDatabase) -> None:
    ours, theirs = catalogue_on(db), catalogue_on(db)
    kira = await theirs.add("Kira", first_mes="One", tags=["kind"])
    assert await ours.found("kira") == ["Kira"]
    assert (await ours.characters.visible(MINOR, kira)).greeting == "One"
    assert len(await ours.characters.tags()) == 1
    await theirs.add("Kira", first_mes="Two", description="New", tags=[])
    await theirs.add("Mira")
    assert (await ours.characters.visible(MINOR, kira)).greeting == "One"
    ours.characters.catalogue_is(await version(db))
    changed = await ours.characters.visible(MINOR, kira)
    assert (changed.greeting, "New" in changed.system_prompt) == ("Two", True)
    assert await ours.characters.tags() == ()
    assert await ours.found("mira") == ["Mira"]
    assert (await ours.characters.page(MINOR, Filters(), "popular", Window())).total == 2


async def version(db: OpenDatabase) -> int:
    async with db.read() as tx:
        row = await tx.one("SELECT value FROM versions WHERE name = 'catalogue'")
    assert row is not None
    return int(row["value"])


async def test_counting_use_is_no_change_of_the_catalogue(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    kira = await catalogue.add("Kira")
    before = await version(db)
    await catalogue.use(kira)
    assert await version(db) == before


async def test_characters_are_kept_five_minutes_and_tags_ten(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    kira = await catalogue.add("Kira", tags=["kind"])
    await catalogue.characters.visible(MINOR, kira)
    await catalogue.characters.tags()
    async with db.begin() as tx:  # behind the version's back
        await tx.run("UPDATE characters SET greeting = 'New' WHERE id = :id", id=kira)
        await tx.run("UPDATE tags SET name = 'new'")
    assert (await catalogue.characters.visible(MINOR, kira)).greeting == "Hello, {{user}}!"
    catalogue.clock.advance(300)
    assert (await catalogue.characters.visible(MINOR, kira)).greeting == "New"
    assert (await catalogue.characters.tags())[0].name == "kind"
    catalogue.clock.advance(300)
    assert (await catalogue.characters.tags())[0].name == "new"


async def test_an_avatar_is_found_by_its_digest_alone(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    kira = await catalogue.add("Kira")
    entry = await catalogue.characters.entry(MINOR, kira)
    assert b"<svg" in (await catalogue.characters.avatar(kira, entry.avatar_digest)).body
    for character, digest in ((kira, "0" * 12), (CharacterId(99), entry.avatar_digest)):
        with pytest.raises(NotFound):
            await catalogue.characters.avatar(character, digest)


async def test_popularity_orders_a_search_after_a_refresh(db: OpenDatabase) -> None:
    catalogue = catalogue_on(db)
    ids = [await catalogue.add("Kira", creator=f"{number}") for number in range(3)]
    assert await ids_found(catalogue) == ids
    await catalogue.use(ids[2], 2)
    await catalogue.use(ids[1])
    assert await ids_found(catalogue) == ids
    await catalogue.characters.refresh_popularity()
    assert await ids_found(catalogue) == ids[::-1]
    await catalogue.cards.remove(ids[2])
    await catalogue.characters.refresh_popularity()
    assert await ids_found(catalogue) == [ids[1], ids[0]]


async def ids_found(catalogue: Catalogue) -> list[CharacterId]:
    page = await catalogue.characters.search(MINOR, "kira", Filters(), Window())
    return [entry.id for entry in page.entries]


async def test_a_character_that_left_while_the_index_still_knows_it_is_not_shown(db: OpenDatabase) -> None:
    ours, theirs = catalogue_on(db), catalogue_on(db)
    gone, turned = await theirs.add("Kira"), await theirs.add("Kira", creator="x")
    assert await ids_found(ours) == [gone, turned]
    await theirs.cards.remove(gone)
    await theirs.add("Kira", creator="x", tags=["nsfw"])
    assert await ids_found(ours) == []


async def test_a_large_catalogue_is_searched_beside_the_event_loop(sqlite_db: OpenDatabase) -> None:
    index = TantivyCharacterIndex()
    index.put(SearchDocument(CharacterId(n), "Kira", (), "", frozenset(), 0) for n in range(10_000, 10_000 + LARGE + 1))
    index.publish()
    characters = Characters(sqlite_db, VirtualClock(), index, CatalogueVersion())
    await characters.sync_index()
    page = await characters.search(MINOR, "kira", Filters(), Window())
    assert (page.entries, page.total) == ((), 0)
