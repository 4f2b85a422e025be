SELECT (least({mark}::{type_name}, ({horizon}::timestamptz{local_time})::{type_name}) - {overlap}::interval)::{type_name}::text AS bound
