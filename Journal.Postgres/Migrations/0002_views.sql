-- What people and statements read. A query over one account should filter by grain, as in
--   SELECT * FROM billing.transactions WHERE grain = 'account/acme' AND seq < 1000 ORDER BY seq DESC LIMIT 50
-- which walks the journal's primary key; "account" is there to be shown. Amounts are units of the account's currency.

-- Every change of a balance: the sum of an account's amounts is its balance.
CREATE VIEW billing.transactions AS
SELECT substr(j.grain, 9) AS account,
       j.grain,
       j.seq,
       j.at,
       CASE j.type
           WHEN 'charged' THEN 'charge'
           WHEN 'hold_captured' THEN 'capture'
           WHEN 'charge_reversed' THEN 'reversal'
           WHEN 'grant_expired' THEN 'expiry'
           ELSE CASE COALESCE(e."kind", 'Topup')
                    WHEN 'PaymentRefund' THEN 'payment_refund'
                    ELSE lower(COALESCE(e."kind", 'Topup'))
                END
       END AS kind,
       CASE WHEN j.type IN ('charged', 'hold_captured', 'grant_expired') THEN -COALESCE(e."amountNanos", 0)
            ELSE COALESCE(e."amountNanos", 0)
       END * 0.000000001 AS amount,
       COALESCE(e."balanceNanos", 0) * 0.000000001 AS balance,
       CASE j.type WHEN 'charge_reversed' THEN e."charge"
                   WHEN 'charged' THEN j.seq
                   WHEN 'hold_captured' THEN j.seq
       END AS charge,
       CASE j.type WHEN 'hold_captured' THEN e."hold" ELSE e."lateHold" END AS hold,
       CASE WHEN j.type = 'grant_expired' THEN e."grant" WHEN e."grantNanos" > 0 THEN j.seq END AS "grant",
       e."key",
       e."workspace",
       e."meter",
       COALESCE(e."quantity", 0) AS quantity,
       e."reference",
       e."reason",
       j.actor,
       j.request_id
FROM billing.journal AS j
CROSS JOIN LATERAL json_to_record(j.data::json) AS e(
    "kind" text, "amountNanos" bigint, "balanceNanos" bigint, "charge" bigint, "hold" bigint, "lateHold" bigint, "grant" bigint,
    "grantNanos" bigint, "key" text, "workspace" text, "meter" text, "quantity" bigint, "reference" text, "reason" text)
WHERE j.type IN ('credit_posted', 'grant_expired', 'charged', 'charge_reversed', 'hold_captured');

-- Every charge and every captured part of a hold, with what was used.
CREATE VIEW billing.usage AS
SELECT substr(j.grain, 9) AS account,
       j.grain,
       j.seq,
       j.at,
       CASE j.type WHEN 'charged' THEN 'charge' ELSE 'capture' END AS kind,
       COALESCE(e."amountNanos", 0) * 0.000000001 AS amount,
       COALESCE(e."internal", false) AS internal,
       e."meter",
       COALESCE(e."quantity", 0) AS quantity,
       e."key",
       e."workspace",
       u."model",
       COALESCE(u."inputTokens", 0) AS input_tokens,
       COALESCE(u."outputTokens", 0) AS output_tokens,
       COALESCE(u."cachedTokens", 0) AS cached_tokens,
       COALESCE(u."reasoningTokens", 0) AS reasoning_tokens,
       u."endpoint",
       u."method",
       u."session",
       u."source",
       u."durationMs" AS duration_ms,
       u."status",
       u."outcome",
       e."priceVersion" AS price_version,
       j.request_id
FROM billing.journal AS j
CROSS JOIN LATERAL json_to_record(j.data::json) AS e(
    "amountNanos" bigint, "internal" boolean, "meter" text, "quantity" bigint, "key" text, "workspace" text, "priceVersion" text,
    "usage" json)
LEFT JOIN LATERAL json_to_record(e."usage") AS u(
    "model" text, "inputTokens" bigint, "outputTokens" bigint, "cachedTokens" bigint, "reasoningTokens" bigint, "endpoint" text,
    "method" text, "session" text, "source" text, "durationMs" bigint, "status" integer, "outcome" text) ON true
WHERE j.type IN ('charged', 'hold_captured');
