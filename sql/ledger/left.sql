SELECT name, coalesce(failure, 'it was not tried') AS failure
  FROM (SELECT 1 AS part, undo_order AS place, name, failure FROM fdwcopy_state.entry WHERE made AND undo IS NOT NULL
        UNION ALL
        SELECT 2, 0, 'LARGE OBJECT ' || min(oid) || CASE WHEN count(*) > 1 THEN ' and ' || count(*) - 1 || ' more' ELSE '' END, failure
          FROM fdwcopy_state.large_object GROUP BY failure
        UNION ALL
        SELECT 3, place, upper(type) || ' ' || identity || ', which was to be replaced', failure FROM fdwcopy_state.aside) AS left_over
 ORDER BY part, place
