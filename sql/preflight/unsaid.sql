SELECT array(SELECT pg_catalog.format('%I.%I', n.nspname, k.conname)
               FROM pg_catalog.pg_constraint k
               JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
              WHERE k.contype = 'n' AND k.coninhcount = 0 AND c.oid = ANY ($1)
                -- The name that the server chooses, where it did not have to be cut.
                AND octet_length(c.relname::text || '_' || a.attname::text || '_not_null') < 64
                AND NOT pg_catalog.starts_with(k.conname::text, c.relname::text || '_' || a.attname::text || '_not_null')
              ORDER BY 1) AS not_null_names,
       array(SELECT pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname)
               FROM pg_catalog.pg_class c
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
              WHERE c.relispartition AND c.oid = ANY ($1)
              ORDER BY 1) AS partition_identities
