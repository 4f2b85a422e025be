SELECT {number}::int8 AS number, last_value, is_called FROM {sequence}
