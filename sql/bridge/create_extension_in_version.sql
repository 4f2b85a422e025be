CREATE EXTENSION postgres_fdw WITH SCHEMA {schema} VERSION {version}
