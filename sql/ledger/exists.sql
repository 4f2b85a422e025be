SELECT pg_catalog.to_regclass('fdwcopy_state.run') IS NOT NULL AS exists
