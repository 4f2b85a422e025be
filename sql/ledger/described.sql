UPDATE fdwcopy_state.large_object SET described = true WHERE oid IN ({oids})
