{expression}::{type_name}
