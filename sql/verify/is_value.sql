{column} = {value}::{type_name}
