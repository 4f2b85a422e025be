SELECT 'default privileges' AS kind, coalesce(n.nspname::text, '') AS schema, '' AS relation,
       pg_catalog.format('of %I on %s', pg_catalog.pg_get_userbyid(a.defaclrole),
           CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
                                WHEN 'n' THEN 'schemas' ELSE 'large objects' END) AS name,
       NULL::text AS part_of, pg_catalog.pg_get_userbyid(a.defaclrole)::text AS owner, a.defaclacl::text[] AS privileges,
       '{{}}' AS aspects
  FROM pg_catalog.pg_default_acl a
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = a.defaclnamespace
