SELECT name, coalesce(failure, 'it was not tried') AS failure FROM (
    SELECT name, failure, undo_order FROM fdwcopy_state.entry WHERE made AND undo IS NOT NULL
    UNION ALL
    SELECT 'LARGE OBJECT ' || min(oid) || CASE WHEN count(*) > 1 THEN ' and ' || count(*) - 1 || ' more' ELSE '' END, failure, NULL
      FROM fdwcopy_state.large_object GROUP BY failure
) AS remaining ORDER BY undo_order
