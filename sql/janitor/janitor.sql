DO $janitor$
BEGIN
    -- It asks again and again, because a statement that waits keeps its snapshot, and vacuum from its work.
    WHILE NOT pg_catalog.pg_try_advisory_lock({class}, {key}) LOOP
        COMMIT;
        PERFORM pg_catalog.pg_sleep(0.1);
    END LOOP;
    -- Only a guard that is still there, and has let us go, holds this one.
    IF NOT pg_catalog.pg_try_advisory_lock({dismissed}, {key}) THEN
        RETURN;
    END IF;
    FOR attempt IN 1 .. 500 LOOP
        PERFORM pg_catalog.pg_terminate_backend(pid)
           FROM pg_catalog.pg_stat_activity
          WHERE application_name LIKE ANY (ARRAY[{sessions}, {bridges}]) AND pid <> pg_catalog.pg_backend_pid()
            -- Those of other roles are not ours to end: the bridges may have a login of their own.
            AND (usename = current_user OR (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user));
        EXIT WHEN NOT FOUND;
        COMMIT;
        PERFORM pg_catalog.pg_sleep(0.02);
    END LOOP;
    COMMIT;
    {then}
END
$janitor$
