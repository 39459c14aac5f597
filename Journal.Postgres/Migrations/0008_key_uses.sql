-- When keys were last used for what the journal does not record: to look, or to ask as a service. Worth a row each, and no event.
CREATE TABLE billing.key_uses (
    used_at timestamptz NOT NULL,
    account text        NOT NULL COLLATE "C",
    key     text        NOT NULL COLLATE "C",
    PRIMARY KEY (account, key)
) WITH (fillfactor = 50);
