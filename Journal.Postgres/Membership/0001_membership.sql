-- The membership table of Orleans' ADO.NET clustering. Orleans reads its statements from the table orleansquery, by name, and
-- fills in the parameters of those names; the statements and what they work on are ours. The connection's search_path starts
-- with this schema.
--
-- A cluster's version guards its rows: whoever changes one names the version that he saw, and changes nothing when that is old.

CREATE TABLE orleans.clusters (
    deploymentid text        PRIMARY KEY,
    version      integer     NOT NULL DEFAULT 0,
    changed_at   timestamptz NOT NULL DEFAULT now());

CREATE TABLE orleans.silos (
    deploymentid text        NOT NULL REFERENCES orleans.clusters ON DELETE CASCADE,
    address      text        NOT NULL,
    port         integer     NOT NULL,
    generation   integer     NOT NULL,
    siloname     text        NOT NULL,
    hostname     text        NOT NULL,
    status       integer     NOT NULL,
    proxyport    integer     NOT NULL,
    suspecttimes text,
    starttime    timestamptz NOT NULL,
    iamalivetime timestamptz NOT NULL,
    PRIMARY KEY (deploymentid, address, port, generation));

CREATE TABLE orleans.orleansquery (
    querykey  text PRIMARY KEY,
    querytext text NOT NULL);

INSERT INTO orleans.orleansquery (querykey, querytext) VALUES
('InsertMembershipVersionKey', $q$
    WITH made AS (INSERT INTO orleans.clusters (deploymentid) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*)::integer FROM made
$q$),
('InsertMembershipKey', $q$
    WITH seen AS (
        UPDATE orleans.clusters SET version = version + 1, changed_at = now()
        WHERE deploymentid = @DeploymentId AND version = @Version
            AND NOT EXISTS (
                SELECT FROM orleans.silos
                WHERE deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING deploymentid),
    made AS (
        INSERT INTO orleans.silos (
            deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
        SELECT deploymentid, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
        FROM seen
        RETURNING 1)
    SELECT count(*)::integer FROM made
$q$),
('UpdateMembershipKey', $q$
    WITH seen AS (
        UPDATE orleans.clusters SET version = version + 1, changed_at = now()
        WHERE deploymentid = @DeploymentId AND version = @Version
            AND EXISTS (
                SELECT FROM orleans.silos
                WHERE deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING deploymentid),
    changed AS (
        UPDATE orleans.silos AS s SET status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime
        FROM seen
        WHERE s.deploymentid = seen.deploymentid AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
        RETURNING 1)
    SELECT count(*)::integer FROM changed
$q$),
('UpdateIAmAlivetimeKey', $q$
    UPDATE orleans.silos SET iamalivetime = @IAmAliveTime
    WHERE deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$q$),
('MembershipReadRowKey', $q$
    SELECT s.address, s.port, s.generation, s.siloname, s.hostname, s.status, s.proxyport, s.suspecttimes, s.starttime, s.iamalivetime, c.version
    FROM orleans.clusters AS c
    LEFT JOIN orleans.silos AS s
        ON s.deploymentid = c.deploymentid AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    WHERE c.deploymentid = @DeploymentId
$q$),
('MembershipReadAllKey', $q$
    SELECT s.address, s.port, s.generation, s.siloname, s.hostname, s.status, s.proxyport, s.suspecttimes, s.starttime, s.iamalivetime, c.version
    FROM orleans.clusters AS c
    LEFT JOIN orleans.silos AS s ON s.deploymentid = c.deploymentid
    WHERE c.deploymentid = @DeploymentId
$q$),
('GatewaysQueryKey', $q$
    SELECT address, proxyport, generation FROM orleans.silos
    WHERE deploymentid = @DeploymentId AND status = @Status AND proxyport > 0
$q$),
('CleanupDefunctSiloEntriesKey', $q$
    DELETE FROM orleans.silos WHERE deploymentid = @DeploymentId AND iamalivetime < @IAmAliveTime AND status <> 3
$q$),
('DeleteMembershipTableEntriesKey', $q$
    DELETE FROM orleans.clusters WHERE deploymentid = @DeploymentId
$q$);
