DO $fdwcopy$
DECLARE
    page record;
    -- Pages that follow each other are written together.
    object pg_catalog.oid;
    start pg_catalog.int8;
    run pg_catalog.bytea := '';
BEGIN
    FOR page IN SELECT loid, pageno::pg_catalog.int8 * {page} AS start, data FROM pg_temp.fdwcopy_large_object_page
                 WHERE loid BETWEEN {first} AND {last} ORDER BY loid, pageno LOOP
        IF page.loid = object AND page.start = start + octet_length(run)
           AND octet_length(run) + octet_length(page.data) <= {most} THEN
            run := run || page.data;
            CONTINUE;
        END IF;
        IF octet_length(run) > 0 THEN
            PERFORM pg_catalog.lo_put(object, start, run);
        END IF;
        object := page.loid;
        start := page.start;
        run := page.data;
        -- An empty page behind a hole says where the object ends (lo_truncate leaves one).
        IF octet_length(run) = 0 AND start > 0 THEN
            start := start - 1;
            run := pg_catalog.decode('00', 'hex');
        END IF;
    END LOOP;
    IF octet_length(run) > 0 THEN
        PERFORM pg_catalog.lo_put(object, start, run);
    END IF;
END
$fdwcopy$
