SELECT EXISTS (SELECT FROM ONLY {table} {condition}
) AS present
