-- Every table of prices that a host was ever configured with, so that a hold is captured at the prices it was placed under, by
-- any host, after any restart. The same table is the same version, whoever configures it and whenever.
CREATE TABLE billing.price_versions (
    number integer     PRIMARY KEY CHECK (number > 0),
    at     timestamptz NOT NULL DEFAULT now(),
    -- SHA-256 of data.
    digest bytea       NOT NULL UNIQUE,
    data   text        NOT NULL
);
