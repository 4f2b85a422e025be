SELECT name FROM pg_temp.{server} LIMIT 1
