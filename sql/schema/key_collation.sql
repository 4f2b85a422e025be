 COLLATE {collation}
