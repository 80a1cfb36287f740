"""Characters in the database. The only SQL that knows these tables: characters, avatars, tags, character_tags."""
