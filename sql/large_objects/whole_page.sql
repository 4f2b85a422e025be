pg_catalog.substr({data} || pg_catalog.decode(pg_catalog.repeat('00', {page}), 'hex'), 1, {page})
