SELECT pg_catalog.set_config('fdwcopy.server', $1, true) IS NULL,
       pg_catalog.set_config('fdwcopy.user', $2, true) IS NULL,
       pg_catalog.set_config('fdwcopy.password', $3, true) IS NULL
