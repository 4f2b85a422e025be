SELECT r.rolname::text AS role,
       -- Whoever gave an object away goes on working on it by what he inherits.
       pg_catalog.pg_has_role(r.oid, {right}) AND pg_catalog.pg_has_role(r.oid, 'USAGE') AS member
  FROM pg_catalog.pg_roles r
 WHERE r.rolname::text = ANY ($1)
