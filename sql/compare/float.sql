{column}, CASE WHEN {column} = 0 THEN pg_catalog.format('%s', {column}) END COLLATE "C"
