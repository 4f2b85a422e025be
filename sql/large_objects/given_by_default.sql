SELECT array(SELECT CASE WHEN acl.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(acl.grantee)::text END
               FROM pg_catalog.aclexplode(d.defaclacl) AS acl WHERE acl.grantee <> d.defaclrole) AS grantees
  FROM pg_catalog.pg_default_acl d
  JOIN pg_catalog.pg_roles r ON r.oid = d.defaclrole
 WHERE d.defaclobjtype = 'L' AND r.rolname = current_user
