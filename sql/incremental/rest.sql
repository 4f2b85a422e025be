INSERT INTO {target} AS fdwcopy_kept ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM {staged}{conflict}
