-- Defaults whose sequence is only known when a row comes, or not by a name that means one here.
WITH defaults AS (
    SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, f.adrelid, f.adnum) AS what,
           pg_catalog.pg_get_expr(f.adbin, f.adrelid) AS expression
      FROM pg_catalog.pg_attrdef f
    UNION ALL
    SELECT pg_catalog.format('domain %s', pg_catalog.format_type(t.oid, NULL)), pg_catalog.pg_get_expr(t.typdefaultbin, 0)
      FROM pg_catalog.pg_type t
     WHERE t.typtype = 'd' AND t.typdefaultbin IS NOT NULL
), known AS (
    SELECT defaults.what, defaults.expression,
           pg_catalog.regexp_replace(
               pg_catalog.regexp_replace(defaults.expression, $re$nextval\(E?'([^']|'')+'::(pg_catalog\.)?regclass\)$re$, '', 'g'),
               $re$nextval\(\('([^']|'')+'::text\)::(pg_catalog\.)?regclass\)$re$, '', 'g') AS rest
      FROM defaults
     WHERE defaults.expression ~ '\mnextval\('
)
SELECT known.what
  FROM known
 WHERE known.rest ~ '\mnextval\('
    OR EXISTS (
       SELECT
         FROM pg_catalog.regexp_matches(known.expression, $re$nextval\(\('((?:[^']|'')+)'::text\)::(?:pg_catalog\.)?regclass\)$re$, 'g') AS m (found)
        CROSS JOIN LATERAL (SELECT pg_catalog.replace(m.found[1], '''''', '''') AS name) AS late
        CROSS JOIN LATERAL (
              SELECT CASE WHEN late.name ~ '^("([^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*)(\.("([^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*))?$'
                          THEN pg_catalog.parse_ident(late.name) END AS parts) AS parsed
        WHERE NOT EXISTS (
              SELECT
                FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind = 'S' AND c.relname = parsed.parts[pg_catalog.cardinality(parsed.parts)]
                 AND CASE pg_catalog.cardinality(parsed.parts)
                     WHEN 1 THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = parsed.parts[1] END))
 ORDER BY known.what
