COPY pg_temp.fdwcopy_secret FROM STDIN (FORMAT binary)
