ALTER DATABASE {database} SET {name} TO {value}
