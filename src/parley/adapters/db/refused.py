"""Why a database cannot be used at all."""


class DatabaseRefused(Exception):
    """The database cannot serve this version of Parley as it is; the text says why in one line, without secrets."""
