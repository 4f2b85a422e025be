DO $fdwcopy$
DECLARE
    deadline CONSTANT timestamptz := clock_timestamp() + pg_catalog.make_interval(secs => {milliseconds} / 1000.0);
BEGIN
    -- Who ends the sessions of a run by their names must leave this one alone: it ends by itself, and resumes replay.
    PERFORM pg_catalog.set_config('application_name', {session}, false);
    -- Somebody else's pause is somebody else's to end.
    IF pg_catalog.pg_is_wal_replay_paused() THEN
        RETURN;
    END IF;
    PERFORM pg_catalog.pg_wal_replay_pause();
    WHILE clock_timestamp() < deadline AND NOT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended({name}, 0)) LOOP
        PERFORM pg_catalog.pg_sleep(0.005);
    END LOOP;
    PERFORM pg_catalog.pg_wal_replay_resume();
EXCEPTION WHEN OTHERS OR query_canceled THEN
    PERFORM pg_catalog.pg_wal_replay_resume();
    RAISE;
END
$fdwcopy$
