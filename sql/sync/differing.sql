CREATE TEMPORARY TABLE {differing} ON COMMIT DROP AS
-- Rows to bring are numbered from 1 on, those to delete from -1 down.
SELECT {key}, kind,
       row_number() OVER (PARTITION BY kind = '-' ORDER BY {key}) * CASE WHEN kind = '-' THEN -1 ELSE 1 END AS place
  FROM (SELECT {either}, CASE WHEN there.hash IS NULL THEN '+' WHEN here.hash IS NULL THEN '-' ELSE '~' END AS kind
          FROM pg_temp.{there} AS here FULL JOIN ({list}) AS there ON {equal}
         WHERE here.hash IS DISTINCT FROM there.hash) AS row;
ANALYZE pg_temp.{differing};
DROP TABLE pg_temp.{there}
