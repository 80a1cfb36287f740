"""Time zones to choose from."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.bot.core.zones import REGIONS, candidates, region_of
from parley.features.identity.core import is_zone

PLACES = [place for region in REGIONS for place in region.places]


def test_every_zone_exists_once() -> None:
    zones = [place.zone for place in PLACES]
    assert all(map(is_zone, zones))
    assert len(set(zones)) == len(zones)


def test_cities_go_from_west_to_east() -> None:
    july = datetime(2026, 7, 15, tzinfo=UTC)  # in January southern summer time mixes the order up
    for region in REGIONS:
        offsets = [ZoneInfo(place.zone).utcoffset(july) for place in region.places]
        assert offsets == sorted(offsets, key=lambda each: each.total_seconds() if each else 0), region.key


def test_every_place_is_found_by_its_names() -> None:
    for place in PLACES:
        for name in place.name.values():
            assert candidates(name.upper())[0] == place.zone


def test_a_region_is_found_by_its_key_alone() -> None:
    assert all(region_of(region.key) is region for region in REGIONS)
    assert region_of("mars") is None


@pytest.mark.parametrize(("told", "zone"), [("asia/tokyo", "Asia/Tokyo"), ("utc", "UTC"), ("Киёв", "Europe/Kyiv")])
def test_names_are_found_however_they_are_written(told: str, zone: str) -> None:
    assert zone in candidates(told)


@given(st.text(max_size=100))
def test_whatever_is_told_is_only_ever_a_name_to_look_up(told: str) -> None:
    assert all(isinstance(is_zone(each), bool) for each in candidates(told))
