COPY pg_temp.{there} FROM STDIN
