SELECT name, coalesce(failure, 'it was not tried') AS failure
  FROM (SELECT 1 AS part, undo_order AS place, name, failure FROM fdwcopy_state.entry WHERE made AND undo IS NOT NULL
        UNION ALL SELECT 2, place, upper(type) || ' ' || identity || ', which was to be replaced', failure FROM fdwcopy_state.aside) AS left_over
 ORDER BY part, place
