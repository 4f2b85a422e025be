-- What a database holds, one fact a line: kind, object, value. The same facts on two servers mean the same contents.
-- Rows are compared by their count and the sum of a 64-bit hash of each row's text, which no order can change.
-- Definitions are absent here: compare.sh takes them from pg_dump.
SET search_path = pg_catalog;
SET row_security = off;
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET timezone = 'UTC';
SET bytea_output = 'hex';
SET extra_float_digits = 1;
SET client_min_messages = warning;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

SELECT format(
         'SELECT %L, %L, count(*) || '' rows, hash '' '
         '|| left(md5(coalesce(sum(hashtextextended(t.*::text, 0)::numeric), 0)::text), 16) FROM ONLY %s AS t',
         CASE relkind WHEN 'm' THEN 'materialized view' ELSE 'table' END, name, name)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = relnamespace
  CROSS JOIN LATERAL (SELECT format('%I.%I', nspname, relname)) AS q (name)
 WHERE (relkind = 'r' OR relkind = 'm' AND relispopulated)
   AND relpersistence <> 't' AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
 ORDER BY name COLLATE "C"
\gexec

SELECT format(
         'SELECT %L, %L, last_value || CASE WHEN is_called THEN '', called'' ELSE '', not yet called'' END FROM %s',
         'sequence', name, name)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = relnamespace
  CROSS JOIN LATERAL (SELECT format('%I.%I', nspname, relname)) AS q (name)
 WHERE relkind = 'S' AND relpersistence <> 't'
 ORDER BY name COLLATE "C"
\gexec

SELECT 'large objects', 'of the database',
       count(*) || ', hash ' || left(md5(coalesce(sum(hash), 0)::text), 16)
  FROM pg_largeobject_metadata
  CROSS JOIN LATERAL (SELECT hashtextextended(oid || encode(lo_get(oid), 'hex'), 0)::numeric) AS h (hash);

-- What pg_dump --schema-only does not tell.
SELECT 'unpopulated materialized view', oid::regclass, 'present' FROM pg_class WHERE relkind = 'm' AND NOT relispopulated;
SELECT 'invalid index', indexrelid::regclass, 'present' FROM pg_index WHERE NOT (indisvalid AND indisready AND indislive);
SELECT 'schema', nspname, 'present' FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_';
SELECT 'extension', extname, extversion FROM pg_extension;
SELECT 'foreign-data wrapper', fdwname, 'present' FROM pg_foreign_data_wrapper;
SELECT 'foreign server', srvname, 'present' FROM pg_foreign_server;
SELECT 'user mapping', usename || ' on ' || srvname, 'present' FROM pg_user_mappings;
SELECT 'foreign table', oid::regclass, 'present' FROM pg_class WHERE relkind = 'f';
COMMIT;
