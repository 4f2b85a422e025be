CREATE SCHEMA IF NOT EXISTS fdwcopy_state;
COMMENT ON SCHEMA fdwcopy_state IS 'state of fdwcopy: a run that has not ended';
CREATE TABLE fdwcopy_state.run (
    id text PRIMARY KEY,
    mode text NOT NULL,
    -- Kept when the run is interrupted, to be taken up again.
    resumable boolean NOT NULL,
    begun timestamptz NOT NULL DEFAULT now(),
    -- What was asked for, and of which source: a run is only taken up again with the same.
    job text NOT NULL,
    source text NOT NULL,
    -- What the target had before.
    schemas text[] NOT NULL,
    extensions text[] NOT NULL
);
CREATE TABLE fdwcopy_state.entry (
    id integer PRIMARY KEY,
    name text NOT NULL,
    -- A hash of the statement.
    definition text NOT NULL,
    undo_order integer NOT NULL,
    undo text,
    -- Set by the transaction that makes the object.
    made boolean NOT NULL DEFAULT false,
    -- Why it could not be undone.
    failure text
);
CREATE TABLE fdwcopy_state.chunk (
    relation oid NOT NULL,
    name text NOT NULL,
    filenode oid NOT NULL,
    part integer NOT NULL,
    parts integer NOT NULL,
    first_page bigint,
    end_page bigint,
    bytes bigint NOT NULL,
    -- Set by the transaction that copies the rows.
    rows bigint,
    -- The copy may not have seen transactions of the source from this one on.
    horizon bigint,
    PRIMARY KEY (relation, part)
);
CREATE TABLE fdwcopy_state.large_object (
    -- Inserted by the transaction that makes and fills it.
    oid oid PRIMARY KEY,
    -- Set by the transaction that gives it its owner, comment and rights.
    described boolean NOT NULL DEFAULT false,
    -- Why it could not be undone.
    failure text
);
-- What the target had in the way, moved aside.
CREATE TABLE fdwcopy_state.aside (
    place integer PRIMARY KEY,
    class oid NOT NULL,
    object oid NOT NULL,
    -- The word after ALTER; none where it goes with another one.
    kind text,
    type text NOT NULL,
    identity text NOT NULL,
    -- Where it was, or what it was called if it lies in no schema; and where it is, or what it is called, meanwhile.
    schema oid,
    name text,
    aside text NOT NULL,
    -- Of an event trigger.
    enabled text,
    rows bigint,
    -- Why it could not be moved back.
    failure text
);
-- Empty after a crash of the target, like the unlogged tables that were copied.
CREATE UNLOGGED TABLE fdwcopy_state.witness (present boolean PRIMARY KEY);
INSERT INTO fdwcopy_state.witness VALUES (true)
