-- The journal: the only truth. Rows are appended, never changed and never deleted.
--
-- For people and reports: a role that may read, and nothing else, is made by an operator like this:
--   CREATE ROLE billing_reader LOGIN;
--   GRANT USAGE ON SCHEMA billing TO billing_reader;
--   GRANT SELECT ON billing.transactions, billing.usage TO billing_reader;
-- The hosts themselves need a role that owns the schema, the same one for all hosts: a host ends another host's frozen session.

CREATE TABLE billing.settings (
    one                boolean PRIMARY KEY DEFAULT true CHECK (one),
    database_id        uuid    NOT NULL DEFAULT gen_random_uuid(),
    -- The server and database that gave out the journal's commit-order numbers; another one after a restore.
    cluster            text    NOT NULL,
    lanes              integer NOT NULL CHECK (lanes > 0),
    -- What the hosts' pepper hashes to, so that no host joins with another one.
    pepper_fingerprint text
);

-- Columns of fixed width first: no padding between them.
CREATE TABLE billing.journal (
    seq          bigint      NOT NULL CHECK (seq > 0),
    at           timestamptz NOT NULL,
    -- Commit order for tails; not part of the row's hash, so that a restore may number anew.
    tx           xid8        NOT NULL DEFAULT pg_current_xact_id(),
    grain        text        NOT NULL COLLATE "C",
    type         text        NOT NULL,
    actor        text        NOT NULL,
    request_id   text        COLLATE "C",
    request_hash bytea,
    hash         bytea       NOT NULL,
    -- JSON exactly as written: its digest is in the hash.
    data         text        NOT NULL,
    CONSTRAINT journal_pkey PRIMARY KEY (grain, seq)
);

-- Statistics from a time of few rows per grain must not make a plan that reads all rows of a grain which has become busy.
ALTER TABLE billing.journal ALTER COLUMN grain SET (n_distinct = 200);

-- One request id moves money at most once, for ever.
-- By id first: ids that grow with time then fall on the same few pages (measured: a third of what an append costs).
CREATE UNIQUE INDEX journal_request_key ON billing.journal (request_id, grain) WHERE request_id IS NOT NULL;

-- The outbox: events that have to do something elsewhere, in commit order.
CREATE INDEX journal_side_effects ON billing.journal (tx, grain, seq) WHERE type IN ('key_created', 'low_balance_crossed');

-- States of grains, to start from. May be thrown away.
CREATE TABLE billing.snapshots (
    seq   bigint      NOT NULL,
    at    timestamptz NOT NULL,
    grain text        NOT NULL COLLATE "C" PRIMARY KEY,
    hash  bytea       NOT NULL,
    data  bytea       NOT NULL
);

-- How far each reader of the outbox has come, and in which database that was.
CREATE TABLE billing.outbox_cursor (
    name        text   PRIMARY KEY,
    tx          xid8   NOT NULL,
    grain       text   NOT NULL COLLATE "C",
    seq         bigint NOT NULL,
    database_id uuid   NOT NULL
);
