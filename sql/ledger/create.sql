CREATE SCHEMA fdwcopy_state;
COMMENT ON SCHEMA fdwcopy_state IS 'state of fdwcopy: a run that has not ended';
CREATE TABLE fdwcopy_state.run (
    id text PRIMARY KEY,
    mode text NOT NULL,
    -- Kept when the run is interrupted, to be taken up again.
    resumable boolean NOT NULL,
    begun timestamptz NOT NULL DEFAULT now(),
    -- What was asked for: a run is only taken up again with the same.
    job text NOT NULL,
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
    number integer PRIMARY KEY,
    relation oid NOT NULL,
    part integer NOT NULL,
    parts integer NOT NULL,
    first_page bigint,
    end_page bigint,
    bytes bigint NOT NULL,
    -- Set by the transaction that copies the rows.
    rows bigint,
    -- No transaction of the source from this one on was seen by the copy.
    horizon bigint
)
