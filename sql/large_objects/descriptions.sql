SELECT m.oid,
       pg_catalog.pg_get_userbyid(m.lomowner)::text AS owner,
       pg_catalog.obj_description(m.oid, 'pg_largeobject') AS comment,
       m.lomacl IS NOT NULL AS granted,
       -- '' is PUBLIC: no role has this name.
       array(SELECT CASE WHEN acl.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(acl.grantee)::text END
               FROM pg_catalog.aclexplode(m.lomacl) WITH ORDINALITY AS acl (grantor, grantee, privilege, grantable, number) ORDER BY number) AS grantees,
       array(SELECT privilege
               FROM pg_catalog.aclexplode(m.lomacl) WITH ORDINALITY AS acl (grantor, grantee, privilege, grantable, number) ORDER BY number) AS privileges,
       array(SELECT grantable
               FROM pg_catalog.aclexplode(m.lomacl) WITH ORDINALITY AS acl (grantor, grantee, privilege, grantable, number) ORDER BY number) AS grantable,
       EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) AS acl WHERE acl.grantor <> m.lomowner) AS granted_by_others,
       array(SELECT l.provider FROM pg_catalog.pg_seclabel l
              WHERE l.objoid = m.oid AND l.classoid = 'pg_catalog.pg_largeobject'::regclass ORDER BY l.provider) AS providers,
       array(SELECT l.label FROM pg_catalog.pg_seclabel l
              WHERE l.objoid = m.oid AND l.classoid = 'pg_catalog.pg_largeobject'::regclass ORDER BY l.provider) AS labels
  FROM pg_catalog.pg_largeobject_metadata m
 WHERE {range}
