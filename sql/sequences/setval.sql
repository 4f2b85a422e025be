SELECT pg_catalog.setval({name}, {value}, {called})
