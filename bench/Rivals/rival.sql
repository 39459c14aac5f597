-- The same deduct as a plain SQL design: a balance per account, a ledger with the request id unique per account.
-- Narrower than the journal on purpose: integer account ids, one index, no hash, no event.
CREATE TABLE account (
    id      bigint PRIMARY KEY,
    balance bigint NOT NULL,
    spent   bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE ledger (
    account    bigint      NOT NULL,
    request_id text        NOT NULL,
    amount     bigint      NOT NULL,
    balance    bigint      NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, request_id)
);
