SELECT r.rolname::text AS role, pg_catalog.pg_has_role(r.oid, {right}) AS member
  FROM pg_catalog.pg_roles r
 WHERE r.rolname::text = ANY ($1)
