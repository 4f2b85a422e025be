SELECT r.rolname::text AS grantee, given.grantee = d.datdba AS owner, given.privilege_type AS privilege, given.is_grantable AS grantable
  FROM pg_catalog.pg_database d
 CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) AS given
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = given.grantee
 WHERE d.datname = current_database() AND (given.grantee = 0 OR r.oid IS NOT NULL)
 ORDER BY r.rolname NULLS FIRST, given.privilege_type, given.is_grantable
