SELECT a.name::text AS name, a.default_version, v.version,
       -- Providers let their own administrators do more than the catalogs say.
       v.superuser AND NOT v.trusted
       AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
       AND pg_catalog.current_setting('extwlist.extensions', true) IS NULL
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r
                        WHERE r.rolname IN ('rds_superuser', 'cloudsqlsuperuser', 'alloydbsuperuser', 'azure_pg_admin',
                                            'azure_superuser', 'supabase_admin', 'neon_superuser', 'cloud_admin', 'avnadmin')) AS reserved
  FROM pg_catalog.pg_available_extensions a
  JOIN pg_catalog.pg_available_extension_versions v ON v.name = a.name
 WHERE a.name::text = ANY ($1)
