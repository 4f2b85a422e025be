WITH gone AS (DELETE FROM {there} AS fdwcopy_there USING {staged} AS fdwcopy_given WHERE {same} RETURNING {returned}),
     -- All are gone before the first one comes back.
     emptied AS (SELECT pg_catalog.count(*) AS rows FROM gone)
INSERT INTO {target} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {values} FROM {staged} AS fdwcopy_given JOIN gone AS fdwcopy_there ON {same} CROSS JOIN emptied WHERE emptied.rows > 0
