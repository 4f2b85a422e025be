SELECT datname FROM pg_temp.fdwcopy_pin LIMIT 1
