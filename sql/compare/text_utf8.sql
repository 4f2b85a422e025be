pg_catalog.convert_to(CAST({column} AS pg_catalog.text), 'UTF8')
