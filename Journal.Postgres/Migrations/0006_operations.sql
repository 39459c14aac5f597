-- A tag made anew under another pepper is the host's doing, one for every key that is used then: no operation, in no record of changes.
DROP INDEX billing.journal_operations;
DROP INDEX billing.journal_operations_by_grain;
-- tx > '0' always holds: it keeps the planner from looking for an account's rows in this one.
CREATE INDEX journal_operations ON billing.journal (tx, grain, seq)
    WHERE type NOT IN ('charged', 'hold_placed', 'hold_captured', 'hold_released', 'hold_extended', 'hold_expired', 'grant_expired', 'key_issued', 'key_proof_renewed') AND tx > '0';
CREATE INDEX journal_operations_by_grain ON billing.journal (grain, seq)
    WHERE type NOT IN ('charged', 'hold_placed', 'hold_captured', 'hold_released', 'hold_extended', 'hold_expired', 'grant_expired', 'key_issued', 'key_proof_renewed');

-- As before, but for the condition of the index.
CREATE OR REPLACE FUNCTION billing.project_accounts(max_rows integer) RETURNS integer LANGUAGE plpgsql AS $project$
DECLARE
    place billing.outbox_cursor;
    here  uuid := (SELECT s.database_id FROM billing.settings AS s);
    seen  integer;
BEGIN
    INSERT INTO billing.outbox_cursor (name, tx, grain, seq, database_id) VALUES ('accounts', '0', '', 0, here) ON CONFLICT DO NOTHING;
    SELECT c.* INTO place FROM billing.outbox_cursor AS c WHERE c.name = 'accounts' FOR UPDATE;
    IF place.database_id <> here THEN
        -- A restored copy numbers its transactions anew: all is read again, and what is known already changes nothing.
        place.tx := '0';
        place.grain := '';
        place.seq := 0;
    END IF;

    WITH found AS (
        SELECT j.tx, j.grain, j.seq, j.at, j.type, j.data::json AS data
        FROM billing.journal AS j
        WHERE j.type NOT IN ('charged', 'hold_placed', 'hold_captured', 'hold_released', 'hold_extended', 'hold_expired', 'grant_expired', 'key_issued', 'key_proof_renewed')
          AND j.tx > '0' AND (j.tx, j.grain, j.seq) > (place.tx, place.grain, place.seq) AND j.tx < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY j.tx, j.grain, j.seq LIMIT max_rows),
    changed AS (
        SELECT substr(f.grain, 9) AS account,
               max(f.seq) AS seq,
               min(f.at) FILTER (WHERE f.type = 'account_opened') AS opened_at,
               max(f.at) AS changed_at,
               max(f.data ->> 'currency') FILTER (WHERE f.type = 'account_opened') AS currency,
               (array_agg(CASE f.type WHEN 'account_suspended' THEN 'suspended' WHEN 'account_closed' THEN 'closed' ELSE 'active' END ORDER BY f.seq DESC)
                   FILTER (WHERE f.type IN ('account_opened', 'account_suspended', 'account_resumed', 'account_closed')))[1] AS status,
               (array_agg(f.data ->> 'tier' ORDER BY f.seq DESC) FILTER (WHERE f.type IN ('account_opened', 'tier_set')))[1] AS tier
        FROM found AS f
        WHERE f.type IN ('account_opened', 'account_suspended', 'account_resumed', 'account_closed', 'tier_set')
        GROUP BY f.grain),
    written AS (
        INSERT INTO billing.accounts AS a (seq, opened_at, changed_at, account, currency, status, tier)
        SELECT c.seq, COALESCE(old.opened_at, c.opened_at), c.changed_at, c.account, COALESCE(old.currency, c.currency),
               COALESCE(c.status, old.status), COALESCE(c.tier, old.tier)
        FROM changed AS c
        LEFT JOIN billing.accounts AS old ON old.account = c.account
        ON CONFLICT (account) DO UPDATE SET seq = excluded.seq, changed_at = excluded.changed_at, status = excluded.status, tier = excluded.tier
        WHERE a.seq < excluded.seq),
    moved AS (
        UPDATE billing.outbox_cursor AS c SET tx = last.tx, grain = last.grain, seq = last.seq, database_id = here
        FROM (SELECT f.tx, f.grain, f.seq FROM found AS f ORDER BY f.tx DESC, f.grain DESC, f.seq DESC LIMIT 1) AS last
        WHERE c.name = 'accounts')
    SELECT count(*) INTO seen FROM found;
    RETURN seen;
END
$project$;
