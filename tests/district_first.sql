-- The district's database as it was first: for the test of upgrade.sql.
CREATE SCHEMA district;
SET search_path = district;

-- A hub, and the newest that it has said.
CREATE TABLE hub (
    id text PRIMARY KEY,
    school text NOT NULL DEFAULT '',
    online boolean NOT NULL DEFAULT false,
    seen timestamptz NOT NULL DEFAULT now(),
    birth jsonb,
    summary jsonb
);

-- A sequence of numbers of a hub, and up to which everything is here.
CREATE TABLE stream (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hub text NOT NULL REFERENCES hub,
    name text NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    UNIQUE (hub, name)
);

CREATE TABLE health_record (
    stream integer NOT NULL REFERENCES stream,
    seq bigint NOT NULL,
    time timestamptz NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    device text NOT NULL,
    device_kind text NOT NULL,
    status text NOT NULL,
    presence text NOT NULL,
    reachable boolean NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (stream, seq)
);

CREATE TABLE uptime_record (
    stream integer NOT NULL REFERENCES stream,
    seq bigint NOT NULL,
    time timestamptz NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    begin timestamptz NOT NULL,
    device text NOT NULL,
    device_kind text NOT NULL,
    known real NOT NULL,
    up real NOT NULL,
    downs integer NOT NULL,
    PRIMARY KEY (stream, seq)
);

CREATE TABLE alert_record (
    stream integer NOT NULL REFERENCES stream,
    seq bigint NOT NULL,
    time timestamptz NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    alert text NOT NULL,
    what text NOT NULL,
    state text NOT NULL,
    severity text NOT NULL,
    cause text NOT NULL,
    fired text NOT NULL,
    rules text NOT NULL,
    devices text NOT NULL,
    device_count integer NOT NULL,
    flapping boolean NOT NULL,
    lesson boolean NOT NULL,
    said_ru text NOT NULL,
    PRIMARY KEY (stream, seq)
);

-- Records that a hub has sent and this version of the collector cannot read.
CREATE TABLE rejected (
    stream integer NOT NULL REFERENCES stream,
    seq bigint NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL,
    why text NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (stream, seq)
);

-- Rows come nearly in the order of their times: a block range index costs next to nothing.
CREATE INDEX health_record_time ON health_record USING brin (time);
CREATE INDEX uptime_record_time ON uptime_record USING brin (time);
CREATE INDEX alert_record_time ON alert_record USING brin (time);
CREATE INDEX alert_record_alert ON alert_record (alert, stream, seq);

-- What people and Grafana read.
CREATE VIEW health AS
    SELECT hub.school, hub.id AS hub, r.* FROM health_record r
    JOIN stream ON stream.id = r.stream JOIN hub ON hub.id = stream.hub;
CREATE VIEW uptime AS
    SELECT hub.school, hub.id AS hub, r.* FROM uptime_record r
    JOIN stream ON stream.id = r.stream JOIN hub ON hub.id = stream.hub;
CREATE VIEW alert AS
    SELECT hub.school, hub.id AS hub, r.* FROM alert_record r
    JOIN stream ON stream.id = r.stream JOIN hub ON hub.id = stream.hub;
-- The newest of each alert that is not cleared.
CREATE VIEW open_alert AS
    SELECT * FROM (
        SELECT DISTINCT ON (hub, alert) * FROM alert ORDER BY hub, alert, time DESC, seq DESC
    ) newest
    WHERE state <> 'cleared';
-- How each hub is now. Whoever has not been heard of for an hour is named by "silent".
CREATE VIEW now AS
    SELECT id AS hub, school, online, seen,
           seen < pg_catalog.now() - interval '1 hour' AS silent,
           summary ->> 'status' AS status,
           (summary ->> 'devices')::integer AS devices,
           (summary ->> 'devices_fault')::integer AS devices_fault,
           (summary ->> 'alerts_open')::integer AS alerts_open,
           (summary ->> 'waiting')::bigint AS waiting,
           (summary ->> 'dropped_samples')::bigint AS dropped_samples,
           (summary ->> 'dropped_alerts')::bigint AS dropped_alerts,
           summary ->> 'version' AS version
    FROM hub;
