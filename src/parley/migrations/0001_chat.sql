-- People, characters, chats, memories, limits. One text for both engines: `@identity` and `@blob` are the two
-- types that SQLite and PostgreSQL spell differently (adapters/db/migrate.py). Times: milliseconds since 1970, UTC.

CREATE TABLE versions (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
-- Caches compare these numbers; whoever changes what is cached raises them in the same transaction.
INSERT INTO versions (name, value) VALUES ('catalogue', 1), ('keys', 1), ('entitlements', 1);

CREATE TABLE users (
    id @identity,
    telegram_user_id BIGINT NOT NULL UNIQUE,
    username TEXT,
    first_name TEXT NOT NULL,
    last_name TEXT,
    telegram_language TEXT,
    display_name TEXT NOT NULL,
    gender TEXT,
    language TEXT NOT NULL,
    timezone TEXT,
    is_adult_confirmed INTEGER NOT NULL DEFAULT 0,
    adult_confirmed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Service keys: only a SHA-256 is kept, so that a stolen database opens nothing.
CREATE TABLE service_keys (
    name TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    is_adult INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE characters (
    id @identity,
    -- Folded name and creator: the same card again is the same character.
    card_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description_long TEXT NOT NULL,
    greeting TEXT NOT NULL,
    system_prompt TEXT NOT NULL,
    language TEXT,
    access_type TEXT NOT NULL,
    genre TEXT,
    content_rating TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    removed_at BIGINT,
    popularity_score BIGINT NOT NULL DEFAULT 0,
    messages_count BIGINT NOT NULL DEFAULT 0,
    -- The whole card as it came, for lossless export.
    card TEXT NOT NULL,
    avatar_digest TEXT NOT NULL,
    -- The value of versions.catalogue at the last change: what a search index has yet to read.
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX characters_popular ON characters (is_active, content_rating, popularity_score DESC, id);
CREATE INDEX characters_new ON characters (is_active, content_rating, created_at DESC, id);
CREATE INDEX characters_revision ON characters (revision);

CREATE TABLE avatars (
    character_id BIGINT PRIMARY KEY REFERENCES characters (id),
    media_type TEXT NOT NULL,
    body @blob NOT NULL
);

CREATE TABLE tags (
    id @identity,
    name TEXT NOT NULL UNIQUE,
    category TEXT NOT NULL
);

CREATE TABLE character_tags (
    character_id BIGINT NOT NULL REFERENCES characters (id),
    tag_id BIGINT NOT NULL REFERENCES tags (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (character_id, tag_id)
);
CREATE INDEX character_tags_tag ON character_tags (tag_id, character_id);

CREATE TABLE subscriptions (
    id @identity,
    user_id BIGINT NOT NULL REFERENCES users (id),
    status TEXT NOT NULL,
    source TEXT NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX subscriptions_user ON subscriptions (user_id, end_at);

-- The daily quota: a counter that one statement may raise, and the ledger that explains it.
CREATE TABLE quota_days (
    user_id BIGINT NOT NULL REFERENCES users (id),
    -- Days since 1970-01-01, UTC.
    day INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (user_id, day)
);
CREATE TABLE quota_entries (
    turn_id TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    day INTEGER NOT NULL,
    -- reserved, settled or refunded.
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX quota_entries_day ON quota_entries (user_id, day);

CREATE TABLE chats (
    id @identity,
    user_id BIGINT NOT NULL REFERENCES users (id),
    character_id BIGINT NOT NULL REFERENCES characters (id),
    relationship_type TEXT NOT NULL DEFAULT 'neutral',
    mood_preference TEXT NOT NULL DEFAULT 'neutral',
    -- The number of the newest event.
    seq BIGINT NOT NULL DEFAULT 0,
    messages_count BIGINT NOT NULL DEFAULT 0,
    last_message_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, character_id)
);
CREATE INDEX chats_character ON chats (character_id);

CREATE TABLE messages (
    id BIGINT PRIMARY KEY,
    chat_id BIGINT NOT NULL REFERENCES chats (id),
    role TEXT NOT NULL,
    message_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    tokens_used INTEGER,
    model_used TEXT,
    is_regenerated INTEGER NOT NULL DEFAULT 0,
    is_partial INTEGER NOT NULL DEFAULT 0,
    client_id TEXT,
    -- Which of the message's variants it shows, and of how many; a single one has no row in `variants`.
    variant INTEGER NOT NULL DEFAULT 1,
    variants_count INTEGER NOT NULL DEFAULT 1,
    -- What the prompt of this reply held and left out.
    receipt TEXT
);
CREATE INDEX messages_chat ON messages (chat_id, id);
CREATE UNIQUE INDEX messages_client ON messages (chat_id, client_id) WHERE client_id IS NOT NULL;

CREATE TABLE variants (
    message_id BIGINT NOT NULL REFERENCES messages (id),
    number INTEGER NOT NULL,
    message_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    tokens_used INTEGER,
    model_used TEXT,
    is_partial INTEGER NOT NULL DEFAULT 0,
    receipt TEXT,
    PRIMARY KEY (message_id, number)
);

-- The numbered log of a chat. Texts are not repeated here: a deleted message leaves no trace of what it said.
CREATE TABLE events (
    chat_id BIGINT NOT NULL REFERENCES chats (id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    message_id BIGINT,
    data TEXT,
    PRIMARY KEY (chat_id, seq)
);

CREATE TABLE memories (
    id @identity,
    user_id BIGINT NOT NULL REFERENCES users (id),
    character_id BIGINT NOT NULL REFERENCES characters (id),
    memory_type TEXT NOT NULL,
    content TEXT NOT NULL,
    importance INTEGER NOT NULL,
    source TEXT NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX memories_of ON memories (user_id, character_id, importance DESC, created_at DESC);

-- Processes that may own a running turn. One that is late with its sign of life is taken for dead.
CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    alive_until BIGINT NOT NULL
);

-- Running turns, at most one a chat. The row is the lease; its id is the fence for the final write.
CREATE TABLE turns (
    chat_id BIGINT PRIMARY KEY REFERENCES chats (id),
    id TEXT NOT NULL UNIQUE,
    worker TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    is_stop_asked INTEGER NOT NULL DEFAULT 0,
    started_at BIGINT NOT NULL
);

CREATE TABLE idempotency_keys (
    user_id BIGINT NOT NULL REFERENCES users (id),
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    -- The process that works on it; NULL once it is answered or may be tried again.
    worker TEXT,
    -- The user message a failed turn left behind: a retry answers it instead of storing it again.
    message_id BIGINT,
    answer TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, route, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
