DO $fdwcopy$
DECLARE
    item record;
    there text := '';
BEGIN
    FOR item IN
        WITH own AS (
            SELECT d.defaclacl AS has,
                   -- Those in a schema are added to the others.
                   CASE d.defaclnamespace WHEN 0
                       THEN pg_catalog.acldefault((CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END)::"char", d.defaclrole)
                   END AS usual,
                   'ALTER DEFAULT PRIVILEGES ' || coalesce('IN SCHEMA ' || pg_catalog.quote_ident(n.nspname), '') AS beginning,
                   CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
                                        WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' END AS objects
              FROM pg_catalog.pg_default_acl d
              JOIN pg_catalog.pg_roles r ON r.oid = d.defaclrole
              LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
             WHERE r.rolname = current_user
        ), changed AS (
            SELECT own.beginning, own.objects, given.*
              FROM own
             CROSS JOIN LATERAL (
                 SELECT true AS has, e.* FROM (SELECT grantee, privilege_type, is_grantable FROM pg_catalog.aclexplode(own.has)
                                               EXCEPT SELECT grantee, privilege_type, is_grantable FROM pg_catalog.aclexplode(own.usual)) AS e
                 UNION ALL
                 SELECT false, e.* FROM (SELECT grantee, privilege_type, is_grantable FROM pg_catalog.aclexplode(own.usual)
                                         EXCEPT SELECT grantee, privilege_type, is_grantable FROM pg_catalog.aclexplode(own.has)) AS e
             ) AS given
        )
        SELECT has,
               pg_catalog.format('%s REVOKE %s ON %s FROM %s;', beginning, privilege_type, objects, whose) AS revoke,
               pg_catalog.format('%s GRANT %s ON %s TO %s%s;', beginning, privilege_type, objects, whose,
                                 CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END) AS grant_
          FROM changed
         CROSS JOIN LATERAL (SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) END AS whose) AS named
         -- Taking away comes first, here and on the way back: the same right may be meant with and without the grant option.
         ORDER BY has DESC
    LOOP
        IF item.has THEN
            EXECUTE item.revoke;
            there := there || item.grant_;
        ELSE
            EXECUTE item.grant_;
            there := item.revoke || there;
        END IF;
    END LOOP;
    PERFORM pg_catalog.set_config('fdwcopy.default_privileges', there, true);
END
$fdwcopy$
