SELECT {number}::int8 AS number, pg_catalog.setval({name}::pg_catalog.regclass, {value}, {called}) AS value
  FROM {sequence} AS s
 WHERE {guard}
