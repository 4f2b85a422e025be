SELECT {number}::int4 AS number, last_value, is_called FROM {sequence}
