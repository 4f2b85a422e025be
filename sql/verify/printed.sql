pg_catalog.format('%s', {column})
