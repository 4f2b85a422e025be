DECLARE
    item record;
    done integer := 0;
BEGIN
    IF pg_catalog.to_regclass('fdwcopy_state.run') IS NULL THEN
        RETURN;
    END IF;
    -- Another run's ledger is not ours to undo, and one that may be taken up again is kept.
    IF NOT EXISTS (SELECT FROM fdwcopy_state.run WHERE id = {id} AND NOT resumable) THEN
        RETURN;
    END IF;
    FOR item IN SELECT id, undo FROM fdwcopy_state.entry WHERE made AND undo IS NOT NULL ORDER BY undo_order LOOP
        BEGIN
            EXECUTE item.undo;
            UPDATE fdwcopy_state.entry SET made = false WHERE id = item.id;
        EXCEPTION WHEN OTHERS THEN
            UPDATE fdwcopy_state.entry SET failure = SQLERRM WHERE id = item.id;
        END;
        done := done + 1;
        -- What is dropped stays locked until then.
        IF done % 200 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM fdwcopy_state.entry WHERE made AND undo IS NOT NULL) THEN
        {close}
    END IF;
END;
