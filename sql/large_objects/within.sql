oid BETWEEN {first} AND {last}
