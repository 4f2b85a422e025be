::{cast}
