ALTER DATABASE {database} CONNECTION LIMIT {connections}
