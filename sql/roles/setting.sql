ALTER ROLE {role} SET {name} TO {value}
