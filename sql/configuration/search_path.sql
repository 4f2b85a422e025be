SELECT coalesce((SELECT entry FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS entry
                  WHERE s.setrole = 0 AND entry LIKE 'search\_path=%'
                    AND s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())), '') AS entry
