DO $fdwcopy$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT id, undo FROM fdwcopy_state.entry
                 WHERE made AND undo IS NOT NULL AND id IN ({ids}) ORDER BY undo_order LOOP
        EXECUTE item.undo;
        UPDATE fdwcopy_state.entry SET made = false WHERE id = item.id;
    END LOOP;
END
$fdwcopy$
