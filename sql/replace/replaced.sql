SELECT type, identity, rows, CASE WHEN schema IS NULL THEN kind ELSE 'SCHEMA' END AS held_by, aside
  FROM fdwcopy_state.aside
 WHERE kind IS NOT NULL
 ORDER BY place
