WITH RECURSIVE given (class, object) AS (
    {given}
), root AS (
    -- What is moved; the rest is part of something, or cannot be moved.
    SELECT given.class, given.object
      FROM given
      LEFT JOIN pg_catalog.pg_class c ON given.class = 'pg_catalog.pg_class'::regclass AND c.oid = given.object
     WHERE given.class NOT IN ('pg_catalog.pg_cast'::regclass, 'pg_catalog.pg_transform'::regclass, 'pg_catalog.pg_am'::regclass)
       AND c.relkind IS DISTINCT FROM 'i' AND c.relkind IS DISTINCT FROM 'I'
), gone (class, object) AS (
    -- What goes with it when it is dropped, as RESTRICT lets it.
    SELECT class, object FROM root
    UNION
    SELECT d.classid, d.objid
      FROM gone
      JOIN pg_catalog.pg_depend d ON d.refclassid = gone.class AND d.refobjid = gone.object
      LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid
     WHERE CASE d.classid
               -- A partition is a table in its own right.
               WHEN 'pg_catalog.pg_class'::regclass THEN d.deptype IN ('a', 'i', 'P', 'S') AND c.relkind IN ('i', 'I', 'S', 't', 'c')
               -- A table's place in a publication is the publication's.
               WHEN 'pg_catalog.pg_publication_rel'::regclass THEN d.refclassid = 'pg_catalog.pg_publication'::regclass
               WHEN 'pg_catalog.pg_user_mapping'::regclass THEN true
               -- Those of a new type do not meet those of the old one; others are not ours to drop.
               WHEN 'pg_catalog.pg_cast'::regclass THEN
                   d.deptype = 'i' OR (d.refclassid = 'pg_catalog.pg_type'::regclass AND (d.classid, d.objid) IN (SELECT * FROM given))
               WHEN 'pg_catalog.pg_transform'::regclass THEN
                   d.refclassid IN ('pg_catalog.pg_type'::regclass, 'pg_catalog.pg_language'::regclass)
                   AND (d.classid, d.objid) IN (SELECT * FROM given)
               ELSE d.deptype IN ('a', 'i', 'P', 'S')
           END
)
