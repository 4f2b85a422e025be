SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'postgres_fdw') AS installed,
       pg_catalog.to_regnamespace('public') IS NOT NULL AS public
