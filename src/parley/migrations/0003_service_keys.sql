-- What other services asked for with their keys.

CREATE TABLE service_key_use (
    -- The key's name; empty for those of PARLEY_API_KEYS, which are counted together.
    key_name TEXT NOT NULL,
    -- Days since 1970-01-01, UTC.
    day INTEGER NOT NULL,
    requests BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    PRIMARY KEY (key_name, day)
);
