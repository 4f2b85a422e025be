pg_catalog.sha256(pg_catalog.convert_to({column}, 'UTF8'))
