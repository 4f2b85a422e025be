SELECT pg_catalog.txid_current_snapshot()::text AS snapshot, pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) AS horizon
