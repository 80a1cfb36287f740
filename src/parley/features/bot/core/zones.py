"""Time zones to choose from: the cities most people mean, by region. Any other one is set by its IANA name."""

from dataclasses import dataclass
from typing import Final

from parley.features.bot.core.texts.words import Phrase


@dataclass(frozen=True, slots=True)
class Place:
    """A city and its zone."""

    zone: str
    name: Phrase


@dataclass(frozen=True, slots=True)
class Region:
    """Cities of a part of the world, from west to east."""

    key: str
    name: Phrase
    places: tuple[Place, ...]


def _region(key: str, russian: str, english: str, *places: tuple[str, str, str]) -> Region:
    known = tuple(Place(zone, {"ru": in_russian, "en": in_english}) for zone, in_russian, in_english in places)
    return Region(key, {"ru": russian, "en": english}, known)


REGIONS: Final = (
    _region(
        "russia", "Россия", "Russia",
        ("Europe/Kaliningrad", "Калининград", "Kaliningrad"),
        ("Europe/Moscow", "Москва", "Moscow"),
        ("Europe/Samara", "Самара", "Samara"),
        ("Asia/Yekaterinburg", "Екатеринбург", "Yekaterinburg"),
        ("Asia/Omsk", "Омск", "Omsk"),
        ("Asia/Novosibirsk", "Новосибирск", "Novosibirsk"),
        ("Asia/Krasnoyarsk", "Красноярск", "Krasnoyarsk"),
        ("Asia/Irkutsk", "Иркутск", "Irkutsk"),
        ("Asia/Yakutsk", "Якутск", "Yakutsk"),
        ("Asia/Vladivostok", "Владивосток", "Vladivostok"),
        ("Asia/Magadan", "Магадан", "Magadan"),
        ("Asia/Kamchatka", "Камчатка", "Kamchatka"),
    ),
    _region(
        "europe", "Европа", "Europe",
        ("Atlantic/Reykjavik", "Рейкьявик", "Reykjavik"),
        ("Europe/Lisbon", "Лиссабон", "Lisbon"),
        ("Europe/London", "Лондон", "London"),
        ("Europe/Madrid", "Мадрид", "Madrid"),
        ("Europe/Paris", "Париж", "Paris"),
        ("Europe/Berlin", "Берлин", "Berlin"),
        ("Europe/Rome", "Рим", "Rome"),
        ("Europe/Belgrade", "Белград", "Belgrade"),
        ("Europe/Warsaw", "Варшава", "Warsaw"),
        ("Europe/Athens", "Афины", "Athens"),
        ("Europe/Helsinki", "Хельсинки", "Helsinki"),
        ("Europe/Riga", "Рига", "Riga"),
        ("Europe/Chisinau", "Кишинёв", "Chisinau"),
        ("Europe/Kyiv", "Киев", "Kyiv"),
        ("Europe/Minsk", "Минск", "Minsk"),
        ("Europe/Istanbul", "Стамбул", "Istanbul"),
    ),
    _region(
        "asia", "Азия", "Asia",
        ("Asia/Jerusalem", "Иерусалим", "Jerusalem"),
        ("Asia/Tbilisi", "Тбилиси", "Tbilisi"),
        ("Asia/Yerevan", "Ереван", "Yerevan"),
        ("Asia/Baku", "Баку", "Baku"),
        ("Asia/Dubai", "Дубай", "Dubai"),
        ("Asia/Tashkent", "Ташкент", "Tashkent"),
        ("Asia/Almaty", "Алматы", "Almaty"),
        ("Asia/Kolkata", "Дели", "Delhi"),
        ("Asia/Bishkek", "Бишкек", "Bishkek"),
        ("Asia/Bangkok", "Бангкок", "Bangkok"),
        ("Asia/Jakarta", "Джакарта", "Jakarta"),
        ("Asia/Shanghai", "Пекин", "Beijing"),
        ("Asia/Singapore", "Сингапур", "Singapore"),
        ("Asia/Manila", "Манила", "Manila"),
        ("Asia/Seoul", "Сеул", "Seoul"),
        ("Asia/Tokyo", "Токио", "Tokyo"),
    ),
    _region(
        "america", "Америка", "America",
        ("Pacific/Honolulu", "Гонолулу", "Honolulu"),
        ("America/Anchorage", "Анкоридж", "Anchorage"),
        ("America/Los_Angeles", "Лос-Анджелес", "Los Angeles"),
        ("America/Denver", "Денвер", "Denver"),
        ("America/Mexico_City", "Мехико", "Mexico City"),
        ("America/Chicago", "Чикаго", "Chicago"),
        ("America/Lima", "Лима", "Lima"),
        ("America/Bogota", "Богота", "Bogota"),
        ("America/New_York", "Нью-Йорк", "New York"),
        ("America/Toronto", "Торонто", "Toronto"),
        ("America/Santiago", "Сантьяго", "Santiago"),
        ("America/Argentina/Buenos_Aires", "Буэнос-Айрес", "Buenos Aires"),
        ("America/Sao_Paulo", "Сан-Паулу", "São Paulo"),
    ),
    _region(
        "africa", "Африка", "Africa",
        ("Africa/Casablanca", "Касабланка", "Casablanca"),
        ("Africa/Lagos", "Лагос", "Lagos"),
        ("Africa/Algiers", "Алжир", "Algiers"),
        ("Africa/Johannesburg", "Йоханнесбург", "Johannesburg"),
        ("Africa/Cairo", "Каир", "Cairo"),
        ("Africa/Nairobi", "Найроби", "Nairobi"),
    ),
    _region(
        "oceania", "Австралия и Океания", "Australia and Oceania",
        ("Australia/Perth", "Перт", "Perth"),
        ("Australia/Adelaide", "Аделаида", "Adelaide"),
        ("Australia/Brisbane", "Брисбен", "Brisbane"),
        ("Australia/Sydney", "Сидней", "Sydney"),
        ("Pacific/Auckland", "Окленд", "Auckland"),
    ),
)  # fmt: skip


def region_of(key: str) -> Region | None:
    """The region with this key."""
    return next((region for region in REGIONS if region.key == key), None)


def candidates(told: str) -> list[str]:
    """The IANA names a person may mean: a city of the list, or the name itself, however it is written."""
    wanted = _folded(told)
    named = [
        place.zone
        for region in REGIONS
        for place in region.places
        if wanted in {_folded(name) for name in place.name.values()}
    ]
    name = told.strip().replace(" ", "_")
    parts = ["_".join(word.capitalize() for word in part.split("_")) for part in name.split("/")]
    return [*named, name, "/".join(parts), name.upper()]


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").replace("-", " ").split())
