ALTER EXTENSION postgres_fdw SET SCHEMA {schema}
