INSERT INTO {table} AS fdwcopy_kept{columns} OVERRIDING SYSTEM VALUE SELECT {values} {rows}{conflict}
