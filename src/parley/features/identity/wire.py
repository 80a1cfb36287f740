"""How profiles look in JSON (spec «User Profile API»)."""

from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from parley.features.identity.core import GENDERS, Person, ProfileChange
from parley.kernel.openapi import WORDS, Id, Moment, schema
from parley.kernel.wire import timestamp_of

Name = Annotated[str, schema(minLength=1, maxLength=64, pattern=WORDS, examples=["Алексей"])]
Gender = Annotated[str, schema(enum=sorted(GENDERS), examples=["male"])]
LanguageTag = Annotated[
    str, schema(maxLength=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", examples=["ru"], description="BCP 47")
]
Zone = Annotated[
    str,
    schema(
        pattern=r"^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$",
        examples=["Europe/Moscow"],
        description="A name of the IANA time zone database",
    ),
]


class ProfileBody(Struct, forbid_unknown_fields=True):
    """`PATCH /api/users/profile`: any of the members. `gender` and `timezone` may be null."""

    display_name: Name | UnsetType = UNSET
    gender: Gender | UnsetType | None = UNSET
    language: LanguageTag | UnsetType = UNSET
    timezone: Zone | UnsetType | None = UNSET

    def change(self) -> ProfileChange:
        """The named members."""
        return ProfileChange(
            display_name=None if self.display_name is UNSET else self.display_name,
            gender=None if self.gender is UNSET else self.gender,
            clears_gender=self.gender is None,
            language=None if self.language is UNSET else self.language,
            timezone=None if self.timezone is UNSET else self.timezone,
            clears_timezone=self.timezone is None,
        )


class ProfileAnswer(Struct):
    """A person's profile."""

    id: Id
    telegram_user_id: Annotated[int, schema(minimum=1, examples=[456789])]
    username: Annotated[str, schema(examples=["alex_user"])] | None
    display_name: Name
    gender: Gender | None
    language: LanguageTag
    is_adult_confirmed: bool
    created_at: Moment
    timezone: Zone | None


class ConfirmAdultBody(Struct, forbid_unknown_fields=True):
    """`POST /api/users/confirm-adult`; false withdraws it."""

    confirmed: bool


class ConfirmAdultAnswer(Struct):
    """The person's word as it now stands."""

    success: bool
    is_adult_confirmed: bool


def profile_answer(person: Person) -> ProfileAnswer:
    """The profile as the API tells it."""
    return ProfileAnswer(
        person.id,
        person.telegram.id,
        person.telegram.username,
        person.display_name,
        person.gender,
        person.language,
        person.is_adult_confirmed,
        timestamp_of(person.created_at),
        person.timezone,
    )


class UserAnswer(Struct, omit_defaults=True):
    """`GET /users/{telegram_id}`; what is not known is left out."""

    telegram_id: Annotated[int, schema(minimum=1, examples=[456789])]
    first_name: Annotated[str, schema(minLength=1, maxLength=64, examples=["Алексей"])]
    timezone: Zone
    username: Annotated[str, schema(examples=["alex_user"])] | UnsetType = UNSET
    last_name: Annotated[str, schema(examples=["Иванов"])] | UnsetType = UNSET


def user_answer(person: Person, zone: str) -> UserAnswer:
    """A person as other services see them."""
    known = person.telegram
    return UserAnswer(known.id, known.first_name, zone, known.username or UNSET, known.last_name or UNSET)
