pg_catalog.encode(pg_catalog.convert_to((fdwcopy_row.*)::text, 'UTF8'), 'hex')
