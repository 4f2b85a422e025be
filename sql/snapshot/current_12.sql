SELECT pg_catalog.txid_current_snapshot()::text AS snapshot
