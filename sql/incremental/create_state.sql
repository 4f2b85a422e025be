BEGIN;
-- Several first copies may meet here.
SELECT pg_catalog.pg_advisory_xact_lock({class}, 0);
CREATE SCHEMA IF NOT EXISTS fdwcopy_state;
CREATE TABLE IF NOT EXISTS fdwcopy_state.watermark (
    -- The table of the target.
    relation oid PRIMARY KEY,
    name text NOT NULL,
    mode text NOT NULL,
    -- A hash of what was asked for: with anything else the mark says nothing.
    fingerprint text NOT NULL,
    -- The files of the source's tables: TRUNCATE and whatever writes a table anew gives it another one.
    files text[] NOT NULL,
    key text[] NOT NULL,
    column_name text NOT NULL,
    -- The largest value that the source had; none where it had no rows.
    mark text,
    -- Every transaction of the source that the copy did not see began after this, by the source's clock; unknown if NULL.
    horizon timestamptz,
    -- When the copy had its snapshot, by the source's clock.
    taken timestamptz NOT NULL,
    rows bigint NOT NULL
);
-- Earlier marks: what begins after one was taken draws larger numbers.
CREATE TABLE IF NOT EXISTS fdwcopy_state.mark (
    relation oid NOT NULL,
    fingerprint text NOT NULL,
    taken timestamptz NOT NULL,
    mark text NOT NULL,
    PRIMARY KEY (relation, fingerprint, taken)
);
COMMIT
