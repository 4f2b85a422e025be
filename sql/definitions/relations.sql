-- What came with a version is read through to_jsonb.
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
       n.nspname::text AS schema, c.relname::text AS relation, '' AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.relowner),
           'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
           'persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END,
           'access method', (SELECT am.amname FROM pg_catalog.pg_am am WHERE am.oid = c.relam),
           'partition key', pg_catalog.pg_get_partkeydef(c.oid),
           'partition bound', pg_catalog.pg_get_expr(c.relpartbound, c.oid),
           'parents', (SELECT pg_catalog.jsonb_agg(i.inhparent::regclass::text
                              || CASE WHEN (pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::bool THEN ', being detached' ELSE '' END
                              ORDER BY i.inhseqno)
                         FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid),
           'type', CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype END,
           'options', (SELECT pg_catalog.jsonb_agg(o.option ORDER BY o.option)
                         FROM (SELECT pg_catalog.unnest(c.reloptions) AS option
                               UNION ALL
                               SELECT 'toast.' || pg_catalog.unnest(t.reloptions)
                                 FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid) AS o),
           'row security', CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'enabled and forced'
                                WHEN c.relrowsecurity THEN 'enabled' WHEN c.relforcerowsecurity THEN 'forced' END,
           'replica identity', CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN
               coalesce((SELECT 'index ' || pg_catalog.quote_ident(x.relname)
                           FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                          WHERE i.indrelid = c.oid AND i.indisreplident), 'nothing') END,
           'clustered on', (SELECT x.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                             WHERE i.indrelid = c.oid AND i.indisclustered),
           'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
           'populated', CASE WHEN c.relkind = 'm' THEN c.relispopulated END,
           'server', s.srvname,
           'server options', (SELECT pg_catalog.jsonb_agg(o ORDER BY o) FROM pg_catalog.unnest(f.ftoptions) AS o))::text AS aspects
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = c.oid
  LEFT JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
 WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
