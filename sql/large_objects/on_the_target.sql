(SELECT oid FROM fdwcopy_state.large_object WHERE NOT described)
