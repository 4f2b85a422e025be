SELECT type, identity, rows, CASE WHEN schema IS NOT NULL THEN aside END AS schema
  FROM fdwcopy_state.aside
 WHERE kind IS NOT NULL
 ORDER BY place
