WITH RECURSIVE named AS (
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
    SELECT named.sequence, named.relation, named.number, pg_catalog.bool_and(named.straight) AS straight,
           a.attname, a.atttypid, a.atttypmod
      FROM named
      JOIN pg_catalog.pg_class s ON s.oid = named.sequence AND s.relkind = 'S' AND s.relpersistence <> 't'
      JOIN pg_catalog.pg_attribute a ON a.attrelid = named.relation AND a.attnum = named.number
     GROUP BY named.sequence, named.relation, named.number, a.attname, a.atttypid, a.atttypmod
), types AS (
    SELECT DISTINCT atttypid AS declared, atttypid AS type, atttypmod AS modifier, atttypmod AS declared_modifier FROM uses
    UNION
    SELECT types.declared, t.typbasetype, t.typtypmod, types.declared_modifier
      FROM types
      JOIN pg_catalog.pg_type t ON t.oid = types.type AND t.typtype = 'd'
)
SELECT uses.sequence, n.nspname::text AS schema, c.relname::text AS name, uses.attname::text AS column_name,
       uses.straight AND c.relkind IN ('r', 'p', 'f') AS straight,
       CASE WHEN types.type < 16384 THEN t.typname::text ELSE '' END AS type, types.modifier,
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_column_privilege(c.oid, uses.number::int2, 'SELECT'), false) AS readable,
       coalesce(c.relkind IN ('r', 'p') AND pg_catalog.row_security_active(c.oid), false) AS rows_hidden,
       c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)
           AND coalesce(pg_catalog.pg_relation_size(c.oid), 0) <= {small} AS small
  FROM uses
  JOIN pg_catalog.pg_class c ON c.oid = uses.relation AND c.relpersistence <> 't'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN types ON types.declared = uses.atttypid AND types.declared_modifier = uses.atttypmod
  JOIN pg_catalog.pg_type t ON t.oid = types.type AND t.typtype <> 'd'
 -- A parent is read with its partitions and children.
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i
                     JOIN uses parent ON parent.relation = i.inhparent
                    WHERE i.inhrelid = uses.relation AND parent.sequence = uses.sequence
                      AND parent.attname = uses.attname AND parent.straight = uses.straight)
 ORDER BY uses.sequence, n.nspname, c.relname, uses.attname
