IF item.owner IS NOT NULL THEN
                -- Who could give it away need not have inherited its owner's rights.
                PERFORM pg_catalog.set_config('role', item.owner, true);
                PERFORM pg_catalog.lo_unlink(item.oid);
                SET LOCAL role TO DEFAULT;
            END IF;
            DELETE FROM fdwcopy_state.large_object WHERE oid = item.oid;
