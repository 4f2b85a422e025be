referencing.{column} IS NOT NULL
