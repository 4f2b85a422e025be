({expression}) IS NULL
