0::int8
