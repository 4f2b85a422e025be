SELECT {names} FROM ({selected}) AS fdwcopy_given WHERE NOT EXISTS (SELECT FROM {there} AS fdwcopy_there WHERE {same})
