DELETE FROM ONLY {table}{only}
