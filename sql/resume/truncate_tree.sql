TRUNCATE {root}
