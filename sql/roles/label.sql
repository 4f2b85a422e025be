SECURITY LABEL FOR {provider} ON ROLE {role} IS {label}
