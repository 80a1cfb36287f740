"""How profiles look in JSON (spec «User Profile API»)."""

from msgspec import UNSET, Struct, UnsetType

from parley.features.identity.core import Person, ProfileChange
from parley.kernel.wire import timestamp_of


class ProfileBody(Struct, forbid_unknown_fields=True):
    """`PATCH /api/users/profile`: any of the members. `gender` and `timezone` may be null."""

    display_name: str | UnsetType = UNSET
    gender: str | UnsetType | None = UNSET
    language: str | UnsetType = UNSET
    timezone: str | UnsetType | None = UNSET

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

    id: int
    telegram_user_id: int
    username: str | None
    display_name: str
    gender: str | None
    language: str
    is_adult_confirmed: bool
    created_at: str
    timezone: str | None


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
