WITH named AS (
    SELECT own.objid AS sequence, own.refobjid AS relation, own.refobjsubid AS number, true AS straight
      FROM pg_catalog.pg_depend own
     WHERE own.classid = 'pg_catalog.pg_class'::regclass AND own.objsubid = 0
       AND own.refclassid = 'pg_catalog.pg_class'::regclass AND own.refobjsubid > 0 AND own.deptype IN ('a', 'i')
    UNION ALL
    SELECT d.refobjid, f.adrelid, f.adnum,
           -- The value itself, cast to a type that holds whole numbers or not at all; anything else is computed from it.
           pg_catalog.pg_get_expr(f.adbin, f.adrelid)
               ~ $re$^\(?nextval\(E?'([^']|'')+'::(pg_catalog\.)?regclass\)\)?(::(smallint|integer|bigint|numeric(\([0-9,]+\))?|real|double precision))?$$re$
      FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_attrdef f ON f.oid = d.objid
     WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
), uses AS (
    -- A column that owns the sequence may compute its values from it.
    SELECT sequence, relation, number, pg_catalog.bool_and(straight) AS straight
      FROM named
     GROUP BY sequence, relation, number
)
SELECT uses.sequence, uses.relation, n.nspname::text AS schema, c.relname::text AS name, a.attname::text AS column_name,
       uses.straight AND c.relkind IN ('r', 'p', 'f') AS straight,
       base.type, base.modifier,
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_column_privilege(c.oid, uses.number::int2, 'SELECT'), false) AS readable,
       coalesce(c.relkind IN ('r', 'p') AND pg_catalog.row_security_active(c.oid), false) AS rows_hidden,
       c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)
           AND coalesce(pg_catalog.pg_relation_size(c.oid), 0) <= {small} AS small,
       array(SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) AS parents
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
