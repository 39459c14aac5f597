-- Where Orleans' ADO.NET persistence keeps the states of grains. Orleans reads its statements from the table orleansquery, by name,
-- and fills in the parameters of those names; the statements and the table are ours, and lighter than what Orleans' own script
-- makes: plain statements that stay prepared instead of a function, one primary key, room on the page for the next version.
CREATE TABLE orleansquery (
    querykey  text PRIMARY KEY,
    querytext text NOT NULL);

CREATE TABLE grain_states (
    version    integer     NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    key        text        NOT NULL COLLATE "C",
    type       text        NOT NULL COLLATE "C",
    service    text        NOT NULL COLLATE "C",
    payload    bytea,
    PRIMARY KEY (key, type, service)
) WITH (fillfactor = 50);

INSERT INTO orleansquery (querykey, querytext) VALUES
('WriteToStorageKey', $q$
    WITH changed AS (
        UPDATE grain_states SET payload = @PayloadBinary, version = version + 1, changed_at = now()
        WHERE key = @GrainIdExtensionString AND type = @GrainTypeString AND service = @ServiceId
            AND version = @GrainStateVersion::integer
        RETURNING version),
    made AS (
        INSERT INTO grain_states (version, key, type, service, payload)
        SELECT 1, @GrainIdExtensionString, @GrainTypeString, @ServiceId, @PayloadBinary WHERE @GrainStateVersion::integer IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version)
    SELECT version AS NewGrainStateVersion FROM changed UNION ALL SELECT version FROM made
$q$),
('ReadFromStorageKey', $q$
    SELECT payload AS PayloadBinary, version AS Version FROM grain_states
    WHERE key = @GrainIdExtensionString AND type = @GrainTypeString AND service = @ServiceId
$q$),
('ClearStorageKey', $q$
    UPDATE grain_states SET payload = NULL, version = version + 1
    WHERE key = @GrainIdExtensionString AND type = @GrainTypeString AND service = @ServiceId AND version = @GrainStateVersion::integer
    RETURNING version AS NewGrainStateVersion
$q$);
