GRANT {privilege} ON LARGE OBJECT {oid} TO {role}{option}
