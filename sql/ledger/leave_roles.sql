DO $fdwcopy$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT undo FROM fdwcopy_state.entry WHERE made AND definition = {definition} ORDER BY undo_order LOOP
        EXECUTE item.undo;
    END LOOP;
END
$fdwcopy$
