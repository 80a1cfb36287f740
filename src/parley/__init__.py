"""Parley: self-hosted AI characters on Telegram."""

__version__ = "0.1.0"
