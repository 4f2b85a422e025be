FOR item IN SELECT * FROM fdwcopy_state.aside ORDER BY place LOOP
        BEGIN
            identity := (SELECT found.identity FROM pg_catalog.pg_identify_object(item.class, item.object, 0) AS found);
            IF item.kind IS NOT NULL AND identity IS NOT NULL THEN
                EXECUTE CASE WHEN item.schema IS NULL
                    THEN pg_catalog.format('ALTER %s %s RENAME TO %s', item.kind, identity, item.name)
                    ELSE pg_catalog.format('ALTER %s %s SET SCHEMA %s', item.kind, identity, item.schema::regnamespace) END;
            END IF;
            IF item.enabled <> 'D' AND identity IS NOT NULL THEN
                EXECUTE pg_catalog.format('ALTER EVENT TRIGGER %s ENABLE %s', item.name,
                    CASE item.enabled WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' END);
            END IF;
            DELETE FROM fdwcopy_state.aside WHERE place = item.place;
        EXCEPTION WHEN OTHERS THEN
            {failed}
        END;
        IF item.schema IS NOT NULL AND NOT EXISTS (SELECT FROM fdwcopy_state.aside WHERE aside = item.aside) THEN
            BEGIN
                EXECUTE pg_catalog.format('DROP SCHEMA IF EXISTS %I', item.aside);
            EXCEPTION WHEN OTHERS THEN
                -- Somebody has put something into it.
                NULL;
            END;
        END IF;
        done := done + 1;
        IF done % 200 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
