DO $fdwcopy$
DECLARE
    item record;
    done integer := 0;
BEGIN
    FOR item IN SELECT made.oid, pg_catalog.pg_get_userbyid(m.lomowner) AS owner
                  FROM fdwcopy_state.large_object made
                  LEFT JOIN pg_catalog.pg_largeobject_metadata m USING (oid)
                 WHERE made.oid IN ({oids}) LOOP
        {unlink}
        done := done + 1;
        -- An object that is unlinked stays locked until then.
        IF done % 200 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END
$fdwcopy$
