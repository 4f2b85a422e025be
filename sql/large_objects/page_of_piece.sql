pg_catalog.substr(piece.data, number * {page} + 1, {page})
