SELECT (SELECT s.setting::int8 FROM pg_catalog.pg_settings s WHERE s.name = 'deadlock_timeout') AS deadlock_timeout,
       array(SELECT t.oid FROM pg_catalog.unnest($1) AS t (oid)
              WHERE NOT pg_catalog.has_table_privilege(t.oid, $2)) AS refused
