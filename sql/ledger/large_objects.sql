SELECT oid, described FROM fdwcopy_state.large_object ORDER BY oid
