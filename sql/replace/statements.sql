SELECT moved.*, pg_catalog.format(CASE WHEN schema IS NULL THEN 'ALTER %s %s RENAME TO %I' ELSE 'ALTER %s %s SET SCHEMA %I' END, kind, identity, aside) AS statement
  FROM ({moved}) AS moved
 WHERE kind IS NOT NULL
 ORDER BY place
