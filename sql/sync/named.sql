{column} AS {name}
