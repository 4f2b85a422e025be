 WHERE ctid IN (SELECT ctid FROM ONLY {table} {condition}
)
