SELECT d.datname::text AS name, pg_catalog.pg_get_userbyid(d.datdba)::text AS owner,
       pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
       d.datconnlimit AS connections, d.datistemplate AS template,
       coalesce((SELECT s.setconfig FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0),
                '{{}}')::text[] AS settings,
       array(SELECT l.provider FROM pg_catalog.pg_shseclabel l
              WHERE l.classoid = 'pg_catalog.pg_database'::regclass AND l.objoid = d.oid ORDER BY l.provider) AS providers,
       array(SELECT l.label FROM pg_catalog.pg_shseclabel l
              WHERE l.classoid = 'pg_catalog.pg_database'::regclass AND l.objoid = d.oid ORDER BY l.provider) AS labels
  FROM pg_catalog.pg_database d
 WHERE d.datname = current_database()
