SECURITY LABEL FOR {provider} ON LARGE OBJECT {oid} IS {label}
