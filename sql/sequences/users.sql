WITH RECURSIVE layers AS (
    SELECT t.oid AS domain, t.typbasetype AS base, t.typtypmod AS modifier FROM pg_catalog.pg_type t WHERE t.typtype = 'd'
    UNION ALL
    SELECT layers.domain, t.typbasetype, t.typtypmod
      FROM layers JOIN pg_catalog.pg_type t ON t.oid = layers.base AND t.typtype = 'd'
), whole AS (
    -- Domains that hold whole numbers as they are; a scale below 0 would round them.
    SELECT pg_catalog.regexp_replace(pg_catalog.format_type(layers.domain, NULL), '([^[:alnum:]_ ])', '\\\1', 'g') AS pattern
      FROM layers
     WHERE layers.base IN (20, 21, 23) OR (layers.base = 1700 AND (layers.modifier < 4 OR (layers.modifier - 4) & 1024 = 0))
), patterns AS (
    -- The value itself, in casts to types that hold whole numbers as they are; anything else is computed from it.
    SELECT $re$^\(*nextval\(\(?E?'([^']|'')+'(::text\))?::(pg_catalog\.)?regclass\)(\)|::(smallint|integer|bigint|numeric(\([0-9,]+\))?$re$
           || coalesce((SELECT '|' || pg_catalog.string_agg(whole.pattern, '|') FROM whole), '')
           || $re$)(?![[:alnum:]_.(]))*$$re$ AS straight,
           $re$nextval\(\('((?:[^']|'')+)'::text\)::(?:pg_catalog\.)?regclass\)$re$::text AS late,
           '^("([^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*)(\.("([^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*))?$'::text AS name
), defaults AS (
    SELECT 'pg_catalog.pg_attrdef'::regclass AS catalog, f.oid, f.adrelid AS relation, f.adnum AS number,
           pg_catalog.pg_get_expr(f.adbin, f.adrelid) AS expression
      FROM pg_catalog.pg_attrdef f
    UNION ALL
    -- A domain has its own copy of the default of the one that it is made of.
    SELECT 'pg_catalog.pg_type'::regclass, t.oid, a.attrelid, a.attnum, pg_catalog.pg_get_expr(t.typdefaultbin, 0)
      FROM pg_catalog.pg_type t
      JOIN pg_catalog.pg_attribute a ON a.atttypid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.atthasdef
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f')
     WHERE t.typtype = 'd' AND t.typdefaultbin IS NOT NULL
), late AS (
    -- Names that are looked up with each row: no dependency knows of them.
    SELECT defaults.relation, defaults.number, defaults.expression, pg_catalog.replace(m.found[1], '''''', '''') AS name
      FROM defaults CROSS JOIN patterns
     CROSS JOIN LATERAL pg_catalog.regexp_matches(defaults.expression, patterns.late, 'g') AS m (found)
), named AS (
    SELECT own.objid AS sequence, own.refobjid AS relation, own.refobjsubid AS number, NULL::text AS expression
      FROM pg_catalog.pg_depend own
     WHERE own.classid = 'pg_catalog.pg_class'::regclass AND own.objsubid = 0
       AND own.refclassid = 'pg_catalog.pg_class'::regclass AND own.refobjsubid > 0 AND own.deptype IN ('a', 'i')
    UNION ALL
    SELECT d.refobjid, defaults.relation, defaults.number, defaults.expression
      FROM pg_catalog.pg_depend d
      JOIN defaults ON defaults.oid = d.objid AND defaults.catalog = d.classid
     WHERE d.refclassid = 'pg_catalog.pg_class'::regclass
    UNION ALL
    SELECT c.oid, late.relation, late.number, late.expression
      FROM late CROSS JOIN patterns
     CROSS JOIN LATERAL (
           SELECT CASE WHEN late.name ~ patterns.name THEN pg_catalog.parse_ident(late.name) END AS parts) AS parsed
      JOIN pg_catalog.pg_class c ON c.relkind = 'S' AND c.relname = parsed.parts[pg_catalog.cardinality(parsed.parts)]
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       AND CASE pg_catalog.cardinality(parsed.parts)
           WHEN 1 THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = parsed.parts[1] END
), uses AS (
    -- A column that owns the sequence may compute its values from it.
    SELECT named.sequence, named.relation, named.number,
           pg_catalog.bool_and(coalesce(named.expression ~ patterns.straight, true)) AS straight
      FROM named CROSS JOIN patterns
     GROUP BY named.sequence, named.relation, named.number
)
SELECT uses.sequence, uses.relation, n.nspname::text AS schema, c.relname::text AS name, a.attname::text AS column_name,
       uses.straight AND c.relkind IN ('r', 'p', 'f') AS straight,
       base.type, base.modifier,
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_column_privilege(c.oid, uses.number::int2, 'SELECT'), false) AS readable,
       coalesce(c.relkind IN ('r', 'p') AND pg_catalog.row_security_active(c.oid), false) AS rows_hidden,
       c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)
           AND coalesce(pg_catalog.pg_relation_size(c.oid), 0) <= {small} AS small,
       -- One whose DETACH CONCURRENTLY was interrupted is no longer read with its parent.
       array(SELECT i.inhparent FROM pg_catalog.pg_inherits i
              WHERE i.inhrelid = c.oid
                AND NOT coalesce((pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::bool, false)) AS parents
  FROM uses
  JOIN pg_catalog.pg_class s ON s.oid = uses.sequence AND s.relkind = 'S' AND s.relpersistence <> 't'
  JOIN pg_catalog.pg_class c ON c.oid = uses.relation AND c.relpersistence <> 't'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = uses.relation AND a.attnum = uses.number
 CROSS JOIN LATERAL (
       WITH RECURSIVE declared AS (
           SELECT a.atttypid AS type, a.atttypmod AS modifier
           UNION ALL
           SELECT t.typbasetype, t.typtypmod
             FROM declared
             JOIN pg_catalog.pg_type t ON t.oid = declared.type AND t.typtype = 'd'
       )
       -- Other types than the system's may be called alike.
       SELECT CASE WHEN t.oid < 16384 THEN t.typname::text ELSE '' END AS type, declared.modifier
         FROM declared
         JOIN pg_catalog.pg_type t ON t.oid = declared.type AND t.typtype <> 'd') AS base
 ORDER BY uses.sequence, n.nspname, c.relname, a.attname
