INSERT INTO {table} AS fdwcopy_kept{columns} OVERRIDING SYSTEM VALUE {selected}{conflict}
