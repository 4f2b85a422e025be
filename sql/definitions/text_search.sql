SELECT 'text search configuration' AS kind, n.nspname::text AS schema, '' AS relation, c.cfgname::text AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(c.cfgowner)::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.cfgowner),
           'comment', pg_catalog.obj_description(c.oid, 'pg_ts_config'),
           'parser', pg_catalog.format('%I.%I', x.nspname, p.prsname),
           'mappings', (SELECT pg_catalog.jsonb_agg(m.line ORDER BY m.line)
                          FROM (SELECT t.alias || ': ' || pg_catalog.string_agg(k.mapdict::regdictionary::text, ', ' ORDER BY k.mapseqno) AS line
                                  FROM pg_catalog.pg_ts_config_map k
                                  JOIN pg_catalog.ts_token_type(c.cfgparser) t ON t.tokid = k.maptokentype
                                 WHERE k.mapcfg = c.oid
                                 GROUP BY t.alias) AS m))::text AS aspects
  FROM pg_catalog.pg_ts_config c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
  JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
  JOIN pg_catalog.pg_namespace x ON x.oid = p.prsnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_ts_config'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'text search dictionary', n.nspname::text, '', c.dictname::text, NULL, pg_catalog.pg_get_userbyid(c.dictowner)::text, NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.dictowner),
           'comment', pg_catalog.obj_description(c.oid, 'pg_ts_dict'),
           'template', pg_catalog.format('%I.%I', x.nspname, t.tmplname), 'options', c.dictinitoption)::text
  FROM pg_catalog.pg_ts_dict c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.dictnamespace
  JOIN pg_catalog.pg_ts_template t ON t.oid = c.dicttemplate
  JOIN pg_catalog.pg_namespace x ON x.oid = t.tmplnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_ts_dict'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'text search parser', n.nspname::text, '', c.prsname::text, NULL, NULL, NULL,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(c.oid, 'pg_ts_parser'),
           'start', c.prsstart::regproc, 'token', c.prstoken::regproc, 'end', c.prsend::regproc,
           'headline', nullif(c.prsheadline::oid, 0)::regproc, 'types', c.prslextype::regproc)::text
  FROM pg_catalog.pg_ts_parser c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.prsnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_ts_parser'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'text search template', n.nspname::text, '', c.tmplname::text, NULL, NULL, NULL,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(c.oid, 'pg_ts_template'),
           'init', nullif(c.tmplinit::oid, 0)::regproc, 'lexize', c.tmpllexize::regproc)::text
  FROM pg_catalog.pg_ts_template c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.tmplnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_ts_template'::regclass AND d.objid = c.oid AND d.deptype = 'e')
