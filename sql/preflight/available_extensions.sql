SELECT a.name::text AS name, a.default_version, v.version,
       v.superuser AND NOT v.trusted
       AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
       -- Of some providers: it lets others create what stands in it.
       AND pg_catalog.current_setting('extwlist.extensions', true) IS NULL AS reserved
  FROM pg_catalog.pg_available_extensions a
  JOIN pg_catalog.pg_available_extension_versions v ON v.name = a.name
 WHERE a.name::text = ANY ($1)
