SELECT spcname::text AS name FROM pg_catalog.pg_tablespace
