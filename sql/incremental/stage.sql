CREATE TEMPORARY TABLE {staged} AS SELECT {names} FROM {target} WITH NO DATA;
INSERT INTO {staged} ({names}) {selected}
