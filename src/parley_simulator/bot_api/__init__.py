"""The Bot API: how calls come in, and what each method does."""
