"""The buttons' data: what Telegram takes, and what it comes back as."""

import pkgutil
from importlib import import_module
from typing import Any, Literal, get_args, get_origin

import pytest
from aiogram.filters.callback_data import CallbackData
from annotated_types import Ge, Le, MaxLen
from hypothesis import given
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from parley.features.bot import screens
from parley.features.bot.core.zones import REGIONS
from parley.features.bot.screens.settings.taps import Places, PutZone
from parley.kernel.ids import MAX_ID


def all_taps() -> list[type[CallbackData]]:
    for module in pkgutil.walk_packages(screens.__path__, f"{screens.__name__}."):
        import_module(module.name)
    ours = (each for each in CallbackData.__subclasses__() if each.__module__.startswith(screens.__name__))
    return sorted(ours, key=lambda each: each.__prefix__)


TAPS = all_taps()


def values(name: str, field: FieldInfo) -> st.SearchStrategy[Any]:
    """What a field may hold."""
    if name == "number":
        return st.integers(1, 99_999)  # a reply's variants are counted, and nobody asks for a hundred thousand
    if get_origin(field.annotation) is Literal:
        return st.sampled_from(get_args(field.annotation))
    if field.annotation is bool:
        return st.booleans()
    bounds: dict[type, Any] = {type(each): each for each in field.metadata}
    if field.annotation is str:
        longest = bounds[MaxLen].max_length
        return st.text("abcdefghijklmnopqrstuvwxyzABC/_+-0123456789", min_size=1, max_size=longest)
    assert field.annotation is int
    least, most = bounds[Ge].ge, bounds[Le].le
    assert most <= MAX_ID, "a forged number must not reach the database"
    return st.one_of(st.just(most), st.integers(least, most))


@pytest.mark.parametrize("kind", TAPS, ids=lambda each: each.__prefix__)
@given(data=st.data())
def test_every_tap_fits_into_64_bytes_and_comes_back_as_it_was(kind: type[CallbackData], data: st.DataObject) -> None:
    tap = kind(**{name: data.draw(values(name, field), label=name) for name, field in kind.model_fields.items()})
    packed = tap.pack()
    assert 1 <= len(packed.encode()) <= 64
    assert kind.unpack(packed) == tap


def test_no_two_kinds_of_taps_begin_alike() -> None:
    prefixes = [kind.__prefix__ for kind in TAPS]
    assert len(set(prefixes)) == len(prefixes) > 20


def test_every_zone_and_region_fits_into_its_tap() -> None:
    for region in REGIONS:
        assert Places(region=region.key).pack()
        assert all(PutZone(zone=place.zone).pack() for place in region.places)
