pg_catalog.sha256({column})
