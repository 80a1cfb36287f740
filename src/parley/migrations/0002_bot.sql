-- The bot: what Telegram sent and is not yet handled, whom a person talks with, which Telegram message is which of ours.

-- Telegram's updates, stored before they are confirmed. The id is unique; it may begin anew at random after a quiet week,
-- so nothing is concluded from its order.
CREATE TABLE updates (
    update_id BIGINT PRIMARY KEY,
    -- Updates of a lane are handled one after the other, in the order they were stored.
    lane TEXT NOT NULL,
    position BIGINT NOT NULL,
    -- The update as it came; emptied as soon as it is handled, so that no text outlives its use.
    body TEXT NOT NULL,
    -- waiting, done or failed.
    state TEXT NOT NULL,
    -- The process that works on it.
    worker TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    received_at BIGINT NOT NULL
);
CREATE INDEX updates_waiting ON updates (worker, position) WHERE state = 'waiting';
CREATE INDEX updates_lane ON updates (lane) WHERE state = 'waiting';
CREATE INDEX updates_age ON updates (received_at);

-- Whom a person talks with in the bot.
CREATE TABLE bot_dialogs (
    user_id BIGINT PRIMARY KEY REFERENCES users (id),
    character_id BIGINT REFERENCES characters (id),
    is_blocked INTEGER NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL
);

-- Telegram's messages in private chats that stand for messages of ours. `message_id` is NULL until what a person wrote
-- has become a message; `part` counts the pieces of a reply too long for one.
CREATE TABLE bot_messages (
    telegram_chat_id BIGINT NOT NULL,
    telegram_message_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    character_id BIGINT NOT NULL REFERENCES characters (id),
    message_id BIGINT,
    part INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (telegram_chat_id, telegram_message_id)
);
CREATE INDEX bot_messages_of ON bot_messages (user_id, message_id, part);
