SECURITY LABEL FOR {provider} ON DATABASE {database} IS {label}
