"""The machine's randomness."""

from parley.adapters.chance import SystemChance


def test_tokens_are_128_bits_in_hex_and_differ() -> None:
    tokens = {SystemChance().token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(len(bytes.fromhex(token)) == 16 for token in tokens)


def test_a_fraction_is_below_one() -> None:
    assert all(0 <= SystemChance().fraction() < 1 for _ in range(100))
