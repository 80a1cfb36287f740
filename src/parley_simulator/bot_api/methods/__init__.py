"""What each method does, one file a family."""

from collections.abc import Mapping
from typing import Final

from parley_simulator.bot_api.call import Method
from parley_simulator.bot_api.methods import chats, drafts, files, messages, payments, profile, updates

CANONICAL: Final[Mapping[str, Method]] = {
    **updates.METHODS,
    **messages.METHODS,
    **drafts.METHODS,
    **files.METHODS,
    **profile.METHODS,
    **chats.METHODS,
    **payments.METHODS,
}
"""By its name as Telegram writes it."""
METHODS: Final[Mapping[str, Method]] = {name.lower(): method for name, method in CANONICAL.items()}
"""By its name in lower case: names are case-insensitive."""
NAMES: Final[Mapping[str, str]] = {name.lower(): name for name in CANONICAL}
