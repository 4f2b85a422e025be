fdwcopy_there.{column}::{type_name}
