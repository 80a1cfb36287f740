"""Parley's databases behind the `Database` port."""

from parley.adapters.db.opening import OpenDatabase, open_database
from parley.adapters.db.refused import DatabaseRefused

__all__ = ["DatabaseRefused", "OpenDatabase", "open_database"]
