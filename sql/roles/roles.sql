WITH RECURSIVE wanted (oid) AS (
    SELECT oid FROM pg_catalog.pg_roles WHERE rolname::text = ANY ($1)
    UNION
    -- From 16 on a membership may give nothing but the right to administer the role.
    SELECT m.roleid
      FROM wanted
      JOIN pg_catalog.pg_auth_members m ON m.member = wanted.oid
     WHERE coalesce((pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean, true)
        OR coalesce((pg_catalog.to_jsonb(m) ->> 'set_option')::boolean, true)
)
SELECT r.rolname::text AS name, r.rolsuper AS superuser, r.rolinherit AS inherit, r.rolcreaterole AS create_role,
       r.rolcreatedb AS create_database, r.rolcanlogin AS login, r.rolreplication AS replication,
       r.rolbypassrls AS bypass_rls, r.rolconnlimit AS connections,
       CASE WHEN pg_catalog.isfinite(r.rolvaliduntil)
            THEN pg_catalog.to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00'
            ELSE r.rolvaliduntil::text END AS valid_until,
       pg_catalog.shobj_description(r.oid, 'pg_authid') AS comment,
       array(SELECT l.provider FROM pg_catalog.pg_shseclabel l
              WHERE l.objoid = r.oid AND l.classoid = 'pg_catalog.pg_authid'::regclass ORDER BY l.provider) AS providers,
       array(SELECT l.label FROM pg_catalog.pg_shseclabel l
              WHERE l.objoid = r.oid AND l.classoid = 'pg_catalog.pg_authid'::regclass ORDER BY l.provider) AS labels,
       coalesce((SELECT s.setconfig FROM pg_catalog.pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0),
                '{{}}')::text[] AS settings
  FROM wanted
  JOIN pg_catalog.pg_roles r ON r.oid = wanted.oid
 ORDER BY r.rolname
