({key}::int8 >> {shift}) - ({first})
