ROW({columns})::text
