SELECT datname FROM pg_temp.{server} LIMIT 1
