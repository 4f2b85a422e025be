SELECT count(*) FILTER (WHERE kind = '+') AS inserted, count(*) FILTER (WHERE kind = '~') AS updated,
       count(*) FILTER (WHERE kind = '-') AS extra
  FROM pg_temp.{differing}
