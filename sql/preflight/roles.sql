WITH chosen (class, oid, owner) AS (
    SELECT 'pg_catalog.pg_class'::regclass, c.oid, c.relowner
      FROM pg_catalog.unnest($2::oid[]) AS relation JOIN pg_catalog.pg_class c ON c.oid = relation
    UNION ALL
    SELECT 'pg_catalog.pg_policy'::regclass, p.oid, NULL
      FROM pg_catalog.unnest($2::oid[]) AS relation JOIN pg_catalog.pg_policy p ON p.polrelid = relation
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::regclass, n.oid, n.nspowner
      FROM pg_catalog.pg_namespace n WHERE n.nspname::text = ANY ($3)
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::regclass, p.oid, p.proowner
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname::text = ANY ($3)
    UNION ALL
    SELECT 'pg_catalog.pg_type'::regclass, t.oid, t.typowner
      FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
     WHERE n.nspname::text = ANY ($3)
), used (role, owner) AS (
    SELECT d.refobjid, d.deptype = 'o'
      FROM pg_catalog.pg_shdepend d
     WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
       AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
       AND d.deptype IN ('o', 'a', 'r')
       AND ($1 OR EXISTS (SELECT FROM chosen WHERE chosen.class = d.classid AND chosen.oid = d.objid))
       -- What belongs to an extension comes with the extension.
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                        WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
    UNION ALL
    -- The bootstrap superuser is pinned: no dependency on it is recorded.
    SELECT chosen.owner, true
      FROM chosen
     WHERE chosen.owner IS NOT NULL
       -- Nor is it the owner that counts of what comes with something else: the constructors of every range type are its own.
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                        WHERE e.classid = chosen.class AND e.objid = chosen.oid AND e.deptype IN ('e', 'i'))
)
SELECT r.rolname::text AS role, bool_or(used.owner) AS owner
  FROM used
  JOIN pg_catalog.pg_roles r ON r.oid = used.role
 WHERE r.rolname !~ '^pg_'
 GROUP BY r.rolname
 ORDER BY r.rolname
