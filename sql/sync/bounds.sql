SELECT min({key})::int8 AS low, max({key})::int8 AS high FROM {from}
