CREATE ROLE {role}{attributes}
