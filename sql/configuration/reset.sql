SELECT pg_catalog.setval({sequence}::pg_catalog.regclass, {value}, false)
