ALTER ROLE {role} IN DATABASE {database} SET {name} TO {value}
