DO $fdwcopy$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT undo FROM fdwcopy_state.entry
                 WHERE made AND undo IS NOT NULL AND id IN ({ids}) ORDER BY undo_order LOOP
        EXECUTE item.undo;
    END LOOP;
    -- What has no statement of its own to undo it went with the rest.
    UPDATE fdwcopy_state.entry SET made = false WHERE id IN ({ids});
END
$fdwcopy$
