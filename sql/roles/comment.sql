COMMENT ON ROLE {role} IS {comment}
