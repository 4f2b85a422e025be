differing.{name}::{type_name}{collation} = {alias}.{column}
