SELECT a.name::text AS name, a.default_version, v.version
  FROM pg_catalog.pg_available_extensions a
  JOIN pg_catalog.pg_available_extension_versions v ON v.name = a.name
 WHERE a.name::text = ANY ($1)
