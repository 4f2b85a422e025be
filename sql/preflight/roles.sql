SELECT r.rolname::text AS role, bool_or(used.owner) AS owner
  FROM (SELECT d.refobjid AS role, d.deptype = 'o' AS owner
          FROM pg_catalog.pg_shdepend d
         WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
           AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
           AND d.deptype IN ('o', 'a', 'r')
           AND ($1 OR d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = ANY ($2)
                   OR d.classid = 'pg_catalog.pg_policy'::regclass
                      AND EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.oid = d.objid AND p.polrelid = ANY ($2)))
        UNION ALL
        -- The bootstrap superuser is pinned: no dependency on it is recorded.
        SELECT c.relowner, true FROM pg_catalog.pg_class c WHERE c.oid = ANY ($2)) AS used
  JOIN pg_catalog.pg_roles r ON r.oid = used.role
 WHERE r.rolname !~ '^pg_'
 GROUP BY r.rolname
 ORDER BY r.rolname
