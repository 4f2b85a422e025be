-- The body of one in the SQL standard's form stands in no column: the whole definition does for it. What a range type
-- brings depends on it internally.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
       n.nspname::text AS schema, '' AS relation,
       pg_catalog.format('%I(%s)', p.proname, pg_catalog.oidvectortypes(p.proargtypes)) AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(p.proowner)::text AS owner,
       coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(p.proowner),
           'comment', pg_catalog.obj_description(p.oid, 'pg_proc'),
           'window', CASE WHEN p.prokind = 'w' THEN true END,
           'arguments', pg_catalog.pg_get_function_arguments(p.oid),
           'result', pg_catalog.pg_get_function_result(p.oid),
           'language', l.lanname,
           'body', CASE WHEN p.prokind <> 'a' THEN p.prosrc END,
           'definition', CASE WHEN pg_catalog.to_jsonb(p) ->> 'prosqlbody' IS NOT NULL THEN pg_catalog.pg_get_functiondef(p.oid) END,
           'library', p.probin,
           'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
           'parallel', CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END,
           'strict', p.proisstrict, 'security definer', p.prosecdef, 'leakproof', p.proleakproof,
           'cost', p.procost::text, 'rows', p.prorows::text,
           'support', nullif(p.prosupport::oid, 0)::regproc,
           'settings', p.proconfig,
           'transforms', (SELECT pg_catalog.jsonb_agg(t::regtype) FROM pg_catalog.unnest(p.protrftypes) AS t),
           'aggregation', CASE WHEN g.aggfnoid IS NOT NULL THEN pg_catalog.jsonb_build_array(
               'kind ' || g.aggkind::text, 'direct arguments ' || g.aggnumdirectargs,
               'transition ' || g.aggtransfn::regproc, 'final ' || g.aggfinalfn::regproc,
               'combine ' || g.aggcombinefn::regproc, 'serialize ' || g.aggserialfn::regproc,
               'deserialize ' || g.aggdeserialfn::regproc, 'moving transition ' || g.aggmtransfn::regproc,
               'moving inverse ' || g.aggminvtransfn::regproc, 'moving final ' || g.aggmfinalfn::regproc,
               'final extra ' || g.aggfinalextra, 'moving final extra ' || g.aggmfinalextra,
               'final modify ' || g.aggfinalmodify::text, 'moving final modify ' || g.aggmfinalmodify::text,
               'sort ' || g.aggsortop::regoperator, 'state ' || g.aggtranstype::regtype, 'moving state ' || g.aggmtranstype::regtype,
               'space ' || g.aggtransspace, 'moving space ' || g.aggmtransspace,
               'initial ' || coalesce(pg_catalog.quote_literal(g.agginitval), 'null'),
               'moving initial ' || coalesce(pg_catalog.quote_literal(g.aggminitval), 'null')) END)::text AS aspects
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  LEFT JOIN pg_catalog.pg_aggregate g ON g.aggfnoid = p.oid
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
                      AND (d.deptype = 'e' OR d.deptype = 'i' AND d.refclassid = 'pg_catalog.pg_type'::regclass))
