-- Whatever names one of these columns; a view that does is one with all of its columns, so that views on it go too.
WITH RECURSIVE gone (relation, number) AS (
    SELECT a.attrelid, a.attnum
      FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3)) AS w (schema, relation, name)
      JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.relation
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = w.name
    UNION
    SELECT a.attrelid, a.attnum
      FROM gone g
      JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = g.relation AND d.refobjsubid = g.number
      JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
      JOIN pg_catalog.pg_attribute a ON a.attrelid = r.ev_class AND a.attnum > 0
     WHERE r.ev_class <> g.relation),
named (class, object) AS (
    SELECT d.classid, d.objid
      FROM gone g
      JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = g.relation AND d.refobjsubid = g.number),
part (kind, relation, name) AS (
    SELECT CASE k.contype WHEN 'n' THEN 'not-null constraint' ELSE 'constraint' END, k.conrelid, k.conname
      FROM named d JOIN pg_catalog.pg_constraint k ON d.class = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.object
    UNION ALL
    SELECT 'index', i.indrelid, x.relname
      FROM named d
      JOIN pg_catalog.pg_constraint k ON d.class = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.object AND k.contype IN ('p', 'u', 'x')
      JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid
      JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    UNION ALL
    SELECT 'index', i.indrelid, x.relname
      FROM named d
      JOIN pg_catalog.pg_index i ON d.class = 'pg_catalog.pg_class'::regclass AND i.indexrelid = d.object
      JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    UNION ALL
    SELECT 'trigger', t.tgrelid, t.tgname
      FROM named d JOIN pg_catalog.pg_trigger t ON d.class = 'pg_catalog.pg_trigger'::regclass AND t.oid = d.object
    UNION ALL
    SELECT 'policy', p.polrelid, p.polname
      FROM named d JOIN pg_catalog.pg_policy p ON d.class = 'pg_catalog.pg_policy'::regclass AND p.oid = d.object
    UNION ALL
    SELECT 'rule', r.ev_class, r.rulename
      FROM named d JOIN pg_catalog.pg_rewrite r ON d.class = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.object AND r.rulename <> '_RETURN'
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view' ELSE 'view' END, c.oid, ''
      FROM (SELECT relation FROM gone UNION SELECT object FROM named WHERE class = 'pg_catalog.pg_class'::regclass) g
      JOIN pg_catalog.pg_class c ON c.oid = g.relation AND c.relkind IN ('S', 'v', 'm'))
SELECT p.kind, n.nspname::text AS schema, c.relname::text AS relation, p.name::text AS name
  FROM part p
  JOIN pg_catalog.pg_class c ON c.oid = p.relation
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
UNION
SELECT 'statistics', n.nspname::text, '', s.stxname::text
  FROM named d
  JOIN pg_catalog.pg_statistic_ext s ON d.class = 'pg_catalog.pg_statistic_ext'::regclass AND s.oid = d.object
  JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
UNION
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, n.nspname::text, '',
       pg_catalog.format('%I(%s)', p.proname, pg_catalog.oidvectortypes(p.proargtypes))
  FROM named d
  JOIN pg_catalog.pg_proc p ON d.class = 'pg_catalog.pg_proc'::regclass AND p.oid = d.object
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
