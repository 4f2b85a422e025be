SELECT EXISTS (SELECT FROM pg_catalog.pg_default_acl d
                 JOIN pg_catalog.pg_roles r ON r.oid = d.defaclrole
                WHERE r.rolname = current_user) AS present
