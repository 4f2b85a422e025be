{name} {type_name}
