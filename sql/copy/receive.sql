COPY {table} ({list}) FROM STDIN (FORMAT binary)
