GRANT {role} TO {member}{options}
