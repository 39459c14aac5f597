-- What is personal of an account, beside the journal, so that it can be erased without breaking a chain. What is erased leaves the
-- number of the account's row that says so, and nothing else: an older request that is repeated late brings nothing back.
CREATE TABLE billing.profiles (
    seq        bigint      NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    account    text        NOT NULL COLLATE "C" PRIMARY KEY,
    -- JSON as written; null is erased.
    data       text
);
