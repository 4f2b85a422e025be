SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n
                WHERE n.nspname = 'public' AND pg_catalog.has_schema_privilege('public', n.oid, 'CREATE')) AS open
