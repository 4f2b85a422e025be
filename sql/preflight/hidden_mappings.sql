-- What the view pg_user_mappings hides from us, by its own rule; an empty list of options looks the same in it.
SELECT pg_catalog.format('user mapping for %s on server %s', m.usename, m.srvname) AS name
  FROM pg_catalog.pg_user_mappings m
  JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid
 WHERE m.umoptions IS NULL
   AND NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
   AND NOT CASE WHEN m.umuser = 0 THEN pg_catalog.pg_has_role(s.srvowner, 'USAGE')
                ELSE m.usename = current_user AND (pg_catalog.pg_has_role(s.srvowner, 'USAGE')
                                                   OR pg_catalog.has_server_privilege(s.oid, 'USAGE')) END
 ORDER BY 1
