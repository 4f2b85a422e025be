SELECT c.oid AS relation, c.oid::regclass::text AS name,
       n.nspname = 'pg_toast' OR c.relpersistence = 't' AS is_passing,
       c.relkind IN ('i', 'I') AS is_index,
       coalesce((SELECT s.oid FROM pg_catalog.pg_constraint s WHERE s.conindid = c.oid AND s.contype IN ('p', 'u', 'x')
                  ORDER BY s.oid LIMIT 1), 0::oid) AS constraint_oid
  FROM (SELECT DISTINCT pg_catalog.jsonb_path_query(pg_catalog.to_jsonb(ROW({columns})), '$.** ? (@.type() == "string")') #>> '{{}}' AS name
          FROM ONLY {table}) AS value
  JOIN pg_catalog.pg_class c ON c.oid::regclass::text = value.name
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid >= 16384
 ORDER BY c.oid
