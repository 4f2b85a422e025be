SELECT d.datname::text AS name,
       pg_catalog.pg_encoding_to_char(d.encoding)::text AS encoding,
       d.datcollate::text AS collate,
       d.datctype::text AS ctype,
       pg_catalog.pg_is_in_recovery() AS standby,
       current_user::text AS role,
       -- 10 is whom initdb makes (BOOTSTRAP_SUPERUSERID); up to 14 it gave him the schema public, and pg_upgrade leaves it so.
       (SELECT n.nspowner::regrole::text FROM pg_catalog.pg_namespace n WHERE n.nspname = 'public' AND n.nspowner = 10) AS owner_of_public,
       array(SELECT pg_catalog.format('%s %s %s', CASE a.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
                                      a.privilege_type, a.is_grantable)
               FROM pg_catalog.pg_namespace n
              CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) AS a
              WHERE n.nspname = 'public' AND a.grantee <> n.nspowner
              ORDER BY 1) AS rights_on_public,
       array(SELECT s.subname::text FROM pg_catalog.pg_subscription s WHERE s.subdbid = d.oid ORDER BY 1) AS subscriptions
  FROM pg_catalog.pg_database d
 WHERE d.datname = current_database()
