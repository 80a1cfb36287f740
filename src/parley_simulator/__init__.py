"""A local Telegram: the Bot API, and the people who use it."""
