"""Why a card is not taken."""


class CardRejected(Exception):
    """The file is no card Parley can take. The message is a sentence for the operator who imports it."""
