SELECT array(SELECT DISTINCT n.nspname::text
               FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE c.oid = ANY ($1) AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') ORDER BY 1) AS schemas,
       array(SELECT c.oid FROM pg_catalog.pg_class c
              WHERE c.oid = ANY ($1)
                AND NOT CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
                             ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END) AS relations
