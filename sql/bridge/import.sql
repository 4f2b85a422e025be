IMPORT FOREIGN SCHEMA {schema} LIMIT TO ({table}) FROM SERVER {server} INTO pg_temp OPTIONS (import_collate 'false', import_default 'false', import_generated 'false', import_not_null 'false');
ALTER FOREIGN TABLE pg_temp.{table} RENAME TO {local};
ALTER FOREIGN TABLE pg_temp.{local} OPTIONS (ADD fetch_size '{fetch_size}')
