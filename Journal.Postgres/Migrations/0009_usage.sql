-- What was used, granted and reversed, added up by the hour, projected from the journal. The truth is the journal; all of this may
-- be emptied, usage_cursor with it, and is then made again:
--   TRUNCATE billing.usage_hourly, billing.account_totals, billing.totals, billing.totals_hourly, billing.top_daily, billing.usage_cursor;
--
-- For people and reports, as for the views: GRANT SELECT ON billing.usage_hourly, billing.totals, billing.totals_hourly TO billing_reader;
--
-- Sums are numeric: nothing that anybody counts can overflow them. Money is nanos.

-- How far the projection has come, in which database. While it sweeps, account by account, 'sweep' is the last grain that is done
-- and 'tx' is where it goes on in commit order afterwards. Whatever this says, no row counts twice: account_totals.seq sees to that.
CREATE TABLE billing.usage_cursor (
    one         boolean     PRIMARY KEY DEFAULT true CHECK (one),
    database_id uuid        NOT NULL,
    step        bigint      NOT NULL,
    tx          xid8        NOT NULL,
    as_of       timestamptz,
    sweep       text        COLLATE "C"
);

-- One row per account, hour and what was used by whom. A bucket is an hour of UTC; for accounts in zones that are not whole hours
-- off UTC, a quarter of one, so that local days are made of whole buckets. What is not about use (credit) has no meter. Beyond a
-- number of rows per account and bucket everything but the key is left out, and 'other' is true.
CREATE TABLE billing.usage_hourly (
    bucket           timestamptz NOT NULL,
    requests         bigint      NOT NULL,
    reversals        bigint      NOT NULL,
    account          text        NOT NULL COLLATE "C",
    meter            text        NOT NULL COLLATE "C",
    endpoint         text        NOT NULL COLLATE "C",
    model            text        NOT NULL COLLATE "C",
    key              text        NOT NULL COLLATE "C",
    workspace        text        NOT NULL COLLATE "C",
    other            boolean     NOT NULL,
    quantity         numeric     NOT NULL,
    input_tokens     numeric     NOT NULL,
    output_tokens    numeric     NOT NULL,
    cached_tokens    numeric     NOT NULL,
    reasoning_tokens numeric     NOT NULL,
    charged          numeric     NOT NULL,
    reversed         numeric     NOT NULL,
    granted          numeric     NOT NULL,
    debited          numeric     NOT NULL,
    expired          numeric     NOT NULL,
    CONSTRAINT usage_hourly_pkey PRIMARY KEY (account, bucket, meter, endpoint, model, key, workspace, other)
) WITH (fillfactor = 80);

-- Where each account stands: its last row that counted, its newest bucket and how many rows that has at most, its newest day (UTC).
CREATE TABLE billing.account_totals (
    seq          bigint      NOT NULL,
    bucket       timestamptz NOT NULL,
    requests     bigint      NOT NULL,
    day_requests bigint      NOT NULL,
    combinations integer     NOT NULL,
    day          date        NOT NULL,
    part_hours   boolean     NOT NULL,
    account      text        NOT NULL COLLATE "C" PRIMARY KEY,
    currency     text        NOT NULL,
    mode         text        NOT NULL,
    status       text        NOT NULL,
    balance      numeric     NOT NULL,
    charged      numeric     NOT NULL,
    day_charged  numeric     NOT NULL
) WITH (fillfactor = 70);

-- All accounts but the vendor's own.
CREATE TABLE billing.totals (
    currency  text    NOT NULL COLLATE "C",
    mode      text    NOT NULL COLLATE "C",
    active    bigint  NOT NULL,
    suspended bigint  NOT NULL,
    closed    bigint  NOT NULL,
    requests  bigint  NOT NULL,
    reversals bigint  NOT NULL,
    balance   numeric NOT NULL,
    charged   numeric NOT NULL,
    reversed  numeric NOT NULL,
    granted   numeric NOT NULL,
    debited   numeric NOT NULL,
    expired   numeric NOT NULL,
    PRIMARY KEY (currency, mode)
) WITH (fillfactor = 20);

-- The same by the hour of UTC.
CREATE TABLE billing.totals_hourly (
    hour             timestamptz NOT NULL,
    opened           bigint      NOT NULL,
    requests         bigint      NOT NULL,
    reversals        bigint      NOT NULL,
    currency         text        NOT NULL COLLATE "C",
    mode             text        NOT NULL COLLATE "C",
    input_tokens     numeric     NOT NULL,
    output_tokens    numeric     NOT NULL,
    cached_tokens    numeric     NOT NULL,
    reasoning_tokens numeric     NOT NULL,
    charged          numeric     NOT NULL,
    reversed         numeric     NOT NULL,
    granted          numeric     NOT NULL,
    debited          numeric     NOT NULL,
    expired          numeric     NOT NULL,
    PRIMARY KEY (hour, currency, mode)
);

-- The accounts, models and endpoints with the highest charges of each day of UTC, reversed or not; a fixed number of each. Those of
-- accounts are exact. A model or endpoint that had fallen out counts from when it comes back.
CREATE TABLE billing.top_daily (
    requests bigint  NOT NULL,
    day      date    NOT NULL,
    kind     text    NOT NULL COLLATE "C",
    currency text    NOT NULL COLLATE "C",
    mode     text    NOT NULL COLLATE "C",
    value    text    NOT NULL COLLATE "C",
    charged  numeric NOT NULL,
    PRIMARY KEY (day, kind, currency, mode, value)
);
