fdwcopy_there.{column} OPERATOR(pg_catalog.=) fdwcopy_given.{column}
