{column} >= {bound}::{type_name}
