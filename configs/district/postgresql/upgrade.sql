-- Brings a district's database of any earlier version to the form of schema.sql; nothing in it is
-- lost. Load it as the database's owner with each new version, before its collector and its page
-- are started. It may be loaded twice, and while hubs send: what they send meanwhile waits with them.
--   psql -d district -v ON_ERROR_STOP=1 -1 -f upgrade.sql
SET search_path = district;
SET client_min_messages = warning;

-- Replies to orders.
CREATE TABLE IF NOT EXISTS reply_record (
    stream integer NOT NULL REFERENCES stream,
    seq bigint NOT NULL,
    time timestamptz NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    "order" text NOT NULL,
    command text NOT NULL,
    device text NOT NULL,
    state text NOT NULL,
    code text NOT NULL,
    result text NOT NULL,
    agreed text NOT NULL,
    key text NOT NULL,
    PRIMARY KEY (stream, seq)
);

-- What alerts and replies say, in each language. What came before has Russian or English only.
ALTER TABLE alert_record
    ALTER COLUMN said_ru SET DEFAULT '',
    ADD COLUMN IF NOT EXISTS said_kk text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS said_en text NOT NULL DEFAULT '';
ALTER TABLE reply_record
    ADD COLUMN IF NOT EXISTS result_kk text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS result_ru text NOT NULL DEFAULT '';

-- A view has the columns that its table had when it was made. New ones may only come last.
CREATE OR REPLACE VIEW alert AS
    SELECT hub.school, hub.id AS hub, r.* FROM alert_record r
    JOIN stream ON stream.id = r.stream JOIN hub ON hub.id = stream.hub;
CREATE OR REPLACE VIEW reply AS
    SELECT hub.school, hub.id AS hub, r.* FROM reply_record r
    JOIN stream ON stream.id = r.stream JOIN hub ON hub.id = stream.hub;
CREATE OR REPLACE VIEW open_alert AS
    SELECT * FROM (
        SELECT DISTINCT ON (hub, alert) * FROM alert ORDER BY hub, alert, time DESC, seq DESC
    ) newest
    WHERE state <> 'cleared';

-- Whoever may use alerts may use replies in the same way.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT grantee, privilege_type, replace(table_name, 'alert', 'reply') AS place
        FROM information_schema.role_table_grants
        WHERE table_schema = 'district' AND table_name IN ('alert', 'alert_record')
    LOOP
        EXECUTE format('GRANT %s ON district.%I TO %I', one.privilege_type, one.place, one.grantee);
    END LOOP;
END $$;
