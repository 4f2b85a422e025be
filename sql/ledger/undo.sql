DECLARE
    item record;
    done integer := 0;
    reason text;
    identity text;
    shells oid[];
    shell oid;
BEGIN
    IF pg_catalog.to_regclass('fdwcopy_state.run') IS NULL THEN
        RETURN;
    END IF;
    -- Another run's ledger is not ours to undo, and one that may be taken up again is kept.
    IF NOT EXISTS (SELECT FROM fdwcopy_state.run WHERE id = {id} AND NOT resumable) THEN
        RETURN;
    END IF;
    -- Before the roles that own them.
    FOR item IN SELECT made.oid, pg_catalog.pg_get_userbyid(m.lomowner) AS owner
                  FROM fdwcopy_state.large_object made
                  LEFT JOIN pg_catalog.pg_largeobject_metadata m USING (oid) LOOP
        BEGIN
            {unlink}
        EXCEPTION WHEN OTHERS THEN
            {object_failed}
        END;
        done := done + 1;
        IF done % 200 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
    FOR item IN SELECT id, name, undo FROM fdwcopy_state.entry WHERE made AND undo IS NOT NULL ORDER BY undo_order LOOP
        BEGIN
            -- An operator that names one which is never made leaves a shell of that behind.
            shells := CASE WHEN item.name LIKE 'OPERATOR %' THEN
                ARRAY(SELECT s.oid FROM pg_catalog.pg_operator s
                        JOIN pg_catalog.pg_operator o ON s.oid IN (o.oprcom, o.oprnegate) WHERE s.oprcode = 0) END;
            EXECUTE item.undo;
            FOR shell IN SELECT s.oid FROM pg_catalog.pg_operator s
                          WHERE s.oid = ANY (shells)
                            AND NOT EXISTS (SELECT FROM pg_catalog.pg_operator o WHERE s.oid IN (o.oprcom, o.oprnegate)) LOOP
                EXECUTE pg_catalog.format('DROP OPERATOR %s', shell::regoperator);
            END LOOP;
            -- A deletion needs no room on a disk that is full; an update would.
            DELETE FROM fdwcopy_state.entry WHERE id = item.id;
        EXCEPTION WHEN OTHERS THEN
            {entry_failed}
        END;
        done := done + 1;
        -- What is dropped stays locked until then.
        IF done % 200 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
    -- Gives back the room of what was dropped, and its name.
    COMMIT;
    {move_back}
    IF NOT EXISTS (SELECT FROM fdwcopy_state.entry WHERE made AND undo IS NOT NULL)
        AND NOT EXISTS (SELECT FROM fdwcopy_state.aside)
        AND NOT EXISTS (SELECT FROM fdwcopy_state.large_object) THEN
        {close}
    END IF;
END;
