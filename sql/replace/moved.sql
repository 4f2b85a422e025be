{closure}
SELECT (row_number() OVER (ORDER BY asked.class <> 'pg_catalog.pg_event_trigger'::regclass, asked.class <> 'pg_catalog.pg_class'::regclass, found.identity))::int4 AS place,
       asked.class, asked.object,
       CASE asked.class
           WHEN 'pg_catalog.pg_class'::regclass THEN 'TABLE'
           WHEN 'pg_catalog.pg_type'::regclass THEN 'TYPE'
           WHEN 'pg_catalog.pg_proc'::regclass THEN 'ROUTINE'
           WHEN 'pg_catalog.pg_statistic_ext'::regclass THEN 'STATISTICS'
           WHEN 'pg_catalog.pg_cast'::regclass THEN NULL
           WHEN 'pg_catalog.pg_transform'::regclass THEN NULL
           WHEN 'pg_catalog.pg_foreign_data_wrapper'::regclass THEN 'FOREIGN DATA WRAPPER'
           ELSE upper(found.type)
       END AS kind,
       found.type AS type, found.identity AS identity,
       found.schema::regnamespace::oid AS schema,
       CASE WHEN found.schema IS NULL THEN found.name END AS name,
       {prefix} || CASE WHEN found.schema IS NULL THEN asked.object ELSE found.schema::regnamespace::oid END AS aside,
       t.evtenabled::text AS enabled,
       CASE WHEN c.relkind IN ('r', 'm') AND c.reltuples >= 0 THEN c.reltuples::int8 END AS rows
  FROM (SELECT * FROM root
        -- The constructors of a range type, its multirange type and the constructors of that do not travel with it.
        UNION SELECT gone.* FROM gone
               WHERE class = 'pg_catalog.pg_proc'::regclass
                  OR (class = 'pg_catalog.pg_type'::regclass AND object IN (SELECT oid FROM pg_catalog.pg_type WHERE typtype = 'm'))
        UNION (SELECT * FROM given INTERSECT SELECT * FROM gone WHERE class IN ('pg_catalog.pg_cast'::regclass, 'pg_catalog.pg_transform'::regclass))
       ) AS asked
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(asked.class, asked.object, 0) AS found
  LEFT JOIN pg_catalog.pg_class c ON asked.class = 'pg_catalog.pg_class'::regclass AND c.oid = asked.object
  LEFT JOIN pg_catalog.pg_event_trigger t ON asked.class = 'pg_catalog.pg_event_trigger'::regclass AND t.oid = asked.object
 WHERE found.identity IS NOT NULL
   -- A column's sequence travels with its table.
   AND NOT (c.relkind IS NOT DISTINCT FROM 'S'
            AND EXISTS (SELECT FROM pg_catalog.pg_depend d
                          JOIN gone ON gone.class = d.refclassid AND gone.object = d.refobjid
                         WHERE d.classid = asked.class AND d.objid = asked.object AND d.deptype IN ('a', 'i')))
