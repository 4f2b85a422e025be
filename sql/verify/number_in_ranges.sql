{key}::int8 >> {shift}
