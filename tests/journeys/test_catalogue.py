"""The catalogue, its search and its tags (spec «Characters API», contract §2 Characters and Caching, §7 Tags)."""

from parley.adapters.clock import SystemClock
from parley.features.characters.core import read_card
from parley.features.characters.service import Cards
from parley.kernel.ids import CharacterId
from support.app import AppUnderTest, Someone, card_of
from support.turns import eventually


async def names(someone: Someone, query: str = "") -> list[str]:
    answer = await someone.get(f"/api/characters{query}")
    assert answer.status == 200, answer.text
    return [each["name"] for each in answer.json["characters"]]


async def adult(app: AppUnderTest, number: int = 7) -> Someone:
    anya = app.person(number)
    await anya.post("/api/users/confirm-adult", {"confirmed": True})
    return anya


async def used(app: AppUnderTest, character: int, times: int, number: int = 900) -> None:
    """Let somebody else have so many answered turns with the character."""
    for _ in range(times):
        assert (await app.person(number).says(character, "Привет!")).status == 200


# --- lists -----------------------------------------------------------------------------------------


async def test_a_character_is_told_whole(app: AppUnderTest) -> None:
    kira = await app.character(
        "Кира", tags=["Anime", "romance"], genre="anime", language="ru", description_long="Милая девушка",
        first_mes="Привет, {{user}}! Я {{char}}.",
    )  # fmt: skip
    entry = (await app.person().get(f"/api/characters/{kira}")).json
    assert entry.pop("avatar_url").startswith(f"/characters/{kira}-")
    assert entry.pop("created_at").endswith("Z")
    assert entry == {
        "id": kira,
        "name": "Кира",
        "description_long": "Милая девушка",
        "access_type": "free",
        "genre": "anime",
        "content_rating": "sfw",
        "tags": ["anime", "romance"],
        "popularity_score": 0,
        "messages_count": 0,
        "is_active": True,
        "greeting": "Привет, Аня! Я Кира.",
        "language": "ru",
    }


async def test_a_list_says_which_part_it_is(app: AppUnderTest) -> None:
    for number in range(5):
        await app.character(f"N{number}")
    anya = app.person()
    whole = (await anya.get("/api/characters")).json
    assert (whole["total"], whole["limit"], whole["offset"]) == (5, 50, 0)
    part = (await anya.get("/api/characters?limit=2&offset=3")).json
    assert (part["total"], part["limit"], part["offset"]) == (5, 2, 3)
    assert part["characters"] == whole["characters"][3:]
    beyond = (await anya.get("/api/characters?offset=99")).json
    assert (beyond["characters"], beyond["total"]) == ([], 5)


async def test_every_filter_narrows(app: AppUnderTest) -> None:
    await app.character("A", genre="romance", tags=["kind", "anime"], access_type="premium")
    await app.character("B", genre="romance", tags=["kind"])
    await app.character("C", genre="mentor", tags=["anime", "kind", "strict"])
    anya = app.person()
    assert await names(anya, "?genre=romance") == ["A", "B"]
    assert await names(anya, "?access_type=free") == ["B", "C"]
    assert await names(anya, "?access_type=premium") == ["A"]
    assert await names(anya, "?rating=sfw") == ["A", "B", "C"]
    assert await names(anya, "?genre=romance&access_type=free&tags=kind") == ["B"]
    assert await names(anya, "?genre=fantasy") == []


async def test_a_character_bears_all_tags_that_are_named(app: AppUnderTest) -> None:
    await app.character("A", tags=["anime", "fantasy", "kind"])
    await app.character("B", tags=["anime"])
    anya = app.person()
    assert await names(anya, "?tags=anime") == ["A", "B"]
    assert await names(anya, "?tags=anime,fantasy") == ["A"]
    assert await names(anya, "?tags=%20Fantasy%20,ANIME,,") == ["A"]
    assert await names(anya, "?tags=anime&tags=kind") == ["A"]
    assert await names(anya, "?tags=anime,nothing") == []
    assert await names(anya, "?tags=") == ["A", "B"]


async def test_a_query_out_of_range_is_refused_by_its_name(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    wrong = {
        "limit": ("0", "101", "-1", "", "ten", "1.5", "１", "1&limit=2"),
        "offset": ("-1", "x", "", str(2**63), "9" * 20),
        "genre": ("horror", "Romance", "", "romance&genre=anime"),
        "rating": ("x", "", "SFW"),
        "access_type": ("vip", ""),
        "tags": (",".join(map(str, range(33))), "a%00"),
    }
    for field, values in wrong.items():
        for value in values:
            for path in ("/api/characters?", "/api/characters/search?q=x&"):
                answer = await anya.get(f"{path}{field}={value}")
                told = (answer.status, answer.json["error"], answer.json["field"])
                assert told == (400, "invalid_input", field), (path, value)


async def test_the_bounds_of_a_query_are_allowed(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for query in ("limit=1", "limit=100", "offset=0", f"offset={2**63 - 1}", "sort=popular", "unknown=1"):
        assert (await anya.get(f"/api/characters?{query}")).status == 200, query


async def test_an_unknown_order_is_refused(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for sort in ("x", "", "Popular", "popular,new", "popular&sort=new"):
        answer = await anya.get(f"/api/characters?sort={sort}")
        assert (answer.status, answer.json["field"]) == (400, "sort")


# --- order -----------------------------------------------------------------------------------------


async def test_use_makes_popular(app: AppUnderTest) -> None:
    kira, lena, mira = [await app.character(name) for name in ("Кира", "Лена", "Мира")]
    await used(app, mira, 2)
    await used(app, lena, 1)
    anya = app.person()
    assert await names(anya) == await names(anya, "?sort=popular") == ["Мира", "Лена", "Кира"]
    entry = (await anya.get(f"/api/characters/{mira}")).json
    assert (entry["popularity_score"], entry["messages_count"]) == (2, 4)
    assert (await anya.get(f"/api/characters/{kira}")).json["popularity_score"] == 0


async def test_equals_in_popularity_are_in_order_of_id(app: AppUnderTest) -> None:
    made = [await app.character(name) for name in ("Z", "Y", "X")]
    listed = (await app.person().get("/api/characters")).json["characters"]
    assert [each["id"] for each in listed] == sorted(made)


async def test_the_newest_come_first_when_new_ones_are_wanted(app: AppUnderTest) -> None:
    for name in ("A", "B", "C"):
        await app.character(name)
    await used(app, 1, 1)
    assert await names(app.person(), "?sort=new") == ["C", "B", "A"]


async def test_recommended_follows_the_tags_of_ones_own_chats(app: AppUnderTest) -> None:
    mine = await app.character("Mine", tags=["sea", "kind"])
    await app.character("Stars", tags=["space"])
    await app.character("Sea and kind", tags=["sea", "kind"])
    await app.character("Sea", tags=["sea"])
    popular = await app.character("Popular", tags=["other"])
    await used(app, popular, 3)
    anya, boris = app.person(7), app.person(8)
    assert await names(anya, "?sort=recommended") == await names(anya)
    await used(app, mine, 1, number=7)
    recommended = await names(anya, "?sort=recommended")
    assert set(recommended[:2]) == {"Mine", "Sea and kind"}
    assert recommended[2:] == ["Sea", "Popular", "Stars"]
    assert (await names(boris, "?sort=recommended"))[0] == "Popular"


# --- who may see what ------------------------------------------------------------------------------


async def test_nsfw_is_listed_only_for_an_adult_who_asks(app: AppUnderTest) -> None:
    await app.character("Mild")
    await app.character("Spicy", content_rating="nsfw")
    anya = app.person(8)
    assert await names(anya) == ["Mild"]
    for path in ("/api/characters?rating=nsfw", "/api/characters/search?q=spicy&rating=nsfw"):
        refusal = await anya.get(path)
        assert (refusal.status, refusal.json["error"]) == (403, "age_confirmation_required")
    grown = await adult(app)
    assert await names(grown) == ["Mild"]
    assert await names(grown, "?rating=nsfw") == ["Spicy"]
    assert await names(grown, "/search?q=spicy") == []
    assert await names(grown, "/search?q=spicy&rating=nsfw") == ["Spicy"]
    await grown.post("/api/users/confirm-adult", {"confirmed": False})
    assert (await grown.get("/api/characters?rating=nsfw")).status == 403


async def test_by_id_a_confirmed_age_is_enough(app: AppUnderTest) -> None:
    spicy = await app.character("Spicy", content_rating="nsfw")
    refusal = await app.person(8).get(f"/api/characters/{spicy}")
    assert (refusal.status, refusal.json) == (
        403,
        {"error": "age_confirmation_required", "message": "Этот персонаж доступен после подтверждения возраста 18+"},
    )
    assert (await (await adult(app)).get(f"/api/characters/{spicy}")).json["name"] == "Spicy"


async def test_inactive_characters_are_nowhere(app: AppUnderTest) -> None:
    gone = await app.character("Gone", is_active=False, tags=["ghost"])
    grown = await adult(app)
    assert (await grown.get(f"/api/characters/{gone}")).json["error"] == "character_not_found"
    assert await names(grown) == []
    assert await names(grown, "/search?q=gone") == []
    assert (await grown.get("/api/tags")).json == {"tags": []}


async def test_an_inactive_nsfw_character_is_not_found_rather_than_refused(app: AppUnderTest) -> None:
    gone = await app.character("Gone", is_active=False, content_rating="nsfw")
    assert (await app.person().get(f"/api/characters/{gone}")).status == 404


async def test_premium_characters_are_shown_to_everybody(app: AppUnderTest) -> None:
    vip = await app.character("Vip", access_type="premium")
    assert await names(app.person()) == ["Vip"]
    assert (await app.person().get(f"/api/characters/{vip}")).json["access_type"] == "premium"


# --- search ----------------------------------------------------------------------------------------


async def test_search_finds_by_word_forms_and_through_typos(app: AppUnderTest) -> None:
    await app.character("Кира", description_long="Милая девушка из аниме, her best friend", tags=["anime", "дружба"])
    await app.character("Robot", description_long="A machine that plays chess", tags=["chess"])
    anya = app.person()
    for words in (
        "девушка", "девушки", "девушку из аниме", "ДЕВУШКА", "девшука", "кира", "Киру", "anime", "аниме+девушка",
        "friends", "frend",
    ):  # fmt: skip
        assert await names(anya, f"/search?q={words}") == ["Кира"], words


async def test_a_name_weighs_more_than_a_description(app: AppUnderTest) -> None:
    await app.character("Anton", description_long="He once met a dragon in the hills")
    await app.character("Dragon", description_long="Breathes fire")
    assert await names(app.person(), "/search?q=dragon") == ["Dragon", "Anton"]


async def test_search_pages_and_filters_like_the_list(app: AppUnderTest) -> None:
    for number in range(5):
        await app.character(f"Dragon {number}", genre="fantasy", tags=["fire"] if number % 2 else ["ice"])
    await app.character("Dragon tamer", genre="mentor", access_type="premium")
    anya = app.person()
    found = (await anya.get("/api/characters/search?q=dragon&limit=2&offset=1")).json
    assert found.keys() == {"characters", "total", "limit", "offset"}
    assert (found["total"], found["limit"], found["offset"], len(found["characters"])) == (6, 2, 1, 2)
    assert len(await names(anya, "/search?q=dragon&genre=fantasy&tags=fire")) == 2
    assert await names(anya, "/search?q=dragon&access_type=premium") == ["Dragon tamer"]
    assert found["characters"][0].keys() == (await anya.get("/api/characters")).json["characters"][0].keys()


async def test_search_wants_words(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for query in ("", "?q=", "?q=%20%20", "?q=" + "a" * 201, "?q=a&q=b", "?q=a%00b"):
        answer = await anya.get(f"/api/characters/search{query}")
        assert (answer.status, answer.json["error"], answer.json["field"]) == (400, "invalid_input", "q"), query


async def test_search_takes_any_text_for_words(sqlite_app: AppUnderTest) -> None:
    await sqlite_app.character("Кира")
    anya = sqlite_app.person()
    for words in ('"', "'; DROP TABLE characters", "a AND", "(*)", "name:x", "\\", "🦄", "%25", "-", "+a", "a" * 200):
        assert (await anya.get(f"/api/characters/search?q={words}")).status == 200, words


# --- tags ------------------------------------------------------------------------------------------


async def test_tags_are_counted_over_active_characters(app: AppUnderTest) -> None:
    await app.character("A", tags=["anime", "romance", "friendly"])
    await app.character("B", tags=["anime", "fantasy"])
    await app.character("C", tags=["anime", "ghost"], is_active=False)
    tags = (await app.person().get("/api/tags")).json["tags"]
    assert [tag["id"] for tag in tags] == list(dict.fromkeys(tag["id"] for tag in tags))
    assert [(tag["name"], tag["category"], tag["usage_count"]) for tag in tags] == [
        ("anime", "genre", 2), ("fantasy", "genre", 1), ("friendly", "other", 1), ("romance", "theme", 1)
    ]  # fmt: skip


async def test_tags_of_a_category(app: AppUnderTest) -> None:
    await app.character("A", tags=["anime", "romance", "kind", "fantasy", "mentor"])
    anya = app.person()
    for category, wanted in {"genre": ["anime", "fantasy", "mentor"], "theme": ["romance"], "other": ["kind"]}.items():
        tags = (await anya.get(f"/api/tags/{category}")).json["tags"]
        assert [tag["name"] for tag in tags] == wanted
        assert {tag["category"] for tag in tags} == {category}


async def test_a_category_without_tags_is_empty_and_an_unknown_one_is_not_found(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    assert (await anya.get("/api/tags/genre")).json == {"tags": []}
    assert (await anya.get("/api/tags/colour")).json["error"] == "not_found"


# --- pictures --------------------------------------------------------------------------------------


async def test_a_picture_is_served_without_authorization(app: AppUnderTest) -> None:
    kira = await app.character("Кира")
    url = (await app.person().get(f"/api/characters/{kira}")).json["avatar_url"]
    nobody = Someone(app.session, app.base_url, "")
    answer = await nobody.get(url, {"Authorization": ""})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert "immutable" in answer.headers["Cache-Control"]
    assert (await nobody.get(f"{url}x")).json["error"] == "not_found"


# --- caches ----------------------------------------------------------------------------------------


async def test_a_change_by_another_process_is_soon_seen_everywhere(app: AppUnderTest) -> None:
    kira, anya = await app.character("Кира", tags=["anime"]), app.person()
    other = Cards(app.parley.world.db, SystemClock())

    async def seen() -> list[object]:
        """Through every cache: the list's total, the search, the tags, one character, a chat's door."""
        return [
            (await anya.get("/api/characters")).json["total"],
            await names(anya, "/search?q=лена"),
            [tag["name"] for tag in (await anya.get("/api/tags")).json["tags"]],
            (await anya.get(f"/api/characters/{kira}")).status,
            (await anya.get(f"/api/chats/{kira}/session")).status,
        ]

    async def becomes(wanted: list[object]) -> None:
        """A second is the contract's; a busy machine may take longer."""

        async def is_so() -> bool:
            return await seen() == wanted

        await eventually(is_so)

    assert await seen() == [1, [], ["anime"], 200, 200]
    await other.put(read_card(card_of("Лена", tags=["sea"])))
    await becomes([2, ["Лена"], ["anime", "sea"], 200, 200])
    await other.remove(CharacterId(kira))
    await becomes([1, ["Лена"], ["sea"], 404, 404])
    await other.put(read_card(card_of("Кира", content_rating="nsfw")))
    await becomes([1, ["Лена"], ["sea"], 403, 403])


async def test_a_prompt_changed_by_another_process_reaches_the_model(app: AppUnderTest) -> None:
    kira, anya = await app.character("Кира", system_prompt="Old words."), app.person()
    await anya.says(kira, "Привет!")
    await Cards(app.parley.world.db, SystemClock()).put(read_card(card_of("Кира", system_prompt="New words.")))

    async def told() -> bool:
        await anya.says(kira, "Привет!")
        return "New words." in app.model.asked[-1].messages[0].content

    assert "Old words." in app.model.asked[0].messages[0].content
    await eventually(told)
