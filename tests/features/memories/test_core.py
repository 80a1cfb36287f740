"""What is remembered, and which of it a message calls up."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.memories.core import LONGEST, TYPES, Fact, Memory, Words, checked, recall
from parley.kernel.errors import InvalidInput
from parley.kernel.ids import MemoryId

WORDS = Words()


def memory(number: int, content: str = "x", *, importance: int = 5, pinned: bool = False) -> Memory:
    return Memory(MemoryId(number), "fact", content, importance, "user", pinned, 0, 0)


def order(memories: list[Memory], message: str) -> list[int]:
    return [each.memory.id for each in recall(memories, message, WORDS)]


# --- recall ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Как поживает твоя собака?", "У меня есть собака Рекс"),
        ("Погуляй с моей собакой", "Завёл собаку в мае"),
        ("How are the dogs?", "Has a dog named Rex"),
        ("Ёлка уже стоит?", "Каждый год наряжает елку"),
        ("Посоветуй ФИЛЬМЫ", "Любит фильм «Солярис»"),
        ("What about Rex?", "Собаку зовут Rex"),
    ],
)
def test_a_fact_that_the_message_speaks_of_comes_before_the_most_important_one(message: str, wanted: str) -> None:
    assert order([memory(1, "Живёт в Омске", importance=10), memory(2, wanted, importance=1)], message) == [2, 1]


def test_what_nobody_speaks_of_is_ordered_by_importance_then_the_newest() -> None:
    memories = [memory(1, importance=3), memory(2, importance=9), memory(3, importance=3)]
    assert order(memories, "Привет!") == [2, 3, 1]


def test_a_pinned_fact_comes_first_whatever_is_said() -> None:
    memories = [memory(1, "Любит чай", importance=10), memory(2, "Живёт в Омске", importance=1, pinned=True)]
    assert order(memories, "Налить тебе чай?") == [2, 1]


def test_a_message_without_words_calls_up_nothing_in_particular() -> None:
    assert order([memory(1, "да", importance=2), memory(2, "ok", importance=4)], "👍 да ok") == [2, 1]


@given(
    st.lists(st.tuples(st.text(max_size=30), st.integers(1, 10), st.booleans()), max_size=8),
    st.text(max_size=40),
    st.randoms(use_true_random=False),
)
def test_every_fact_is_recalled_once_in_an_order_that_does_not_hang_on_theirs(
    told: list[tuple[str, int, bool]], message: str, chance: random.Random
) -> None:
    memories = [
        memory(number, text, importance=importance, pinned=pinned)
        for number, (text, importance, pinned) in enumerate(told, 1)
    ]
    recalled = order(memories, message)
    assert sorted(recalled) == [each.id for each in memories]
    chance.shuffle(memories)
    assert order(memories, message) == recalled


def test_words_are_known_in_all_their_forms() -> None:
    assert len({WORDS.stems(word) for word in ("собака", "Собаку", "СОБАКОЙ", "собаки")}) == 1
    assert len({WORDS.stems(word) for word in ("walk", "walks", "Walking", "walked")}) == 1
    assert WORDS.stems("ёлка") == WORDS.stems("елка")
    assert WORDS.stems("на он of to 5 !") == frozenset()


# --- what may be remembered ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "field"),
    [
        (Fact(content=""), "content"),
        (Fact(content="   \n "), "content"),
        (Fact(content="x" * (LONGEST + 1)), "content"),
        (Fact(content="a\x00b"), "content"),
        (Fact(content="\ud800"), "content"),
        (Fact(memory_type="secret"), "memory_type"),
        (Fact(memory_type="Fact"), "memory_type"),
        (Fact(memory_type=""), "memory_type"),
        (Fact(importance=0), "importance"),
        (Fact(importance=11), "importance"),
        (Fact(importance=-(10**30)), "importance"),
        (Fact(content="", memory_type="x", importance=0), "content"),
    ],
)
def test_a_fact_out_of_bounds_is_refused_by_its_first_member_at_fault(fact: Fact, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(fact)
    assert refused.value.field == field


@pytest.mark.parametrize("kind", TYPES)
def test_a_good_fact_is_kept_as_it_is_but_for_outer_space(kind: str) -> None:
    assert checked(Fact("  Любит кофе\n", kind, 10, pinned=True)) == Fact("Любит кофе", kind, 10, pinned=True)


def test_the_longest_fact_fits_and_members_that_are_not_named_stay_open() -> None:
    longest = "я" * LONGEST
    assert checked(Fact(content=f" {longest} ")).content == longest
    assert checked(Fact()) == Fact()
    assert checked(Fact(pinned=False)) == Fact(pinned=False)
