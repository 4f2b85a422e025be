SELECT pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) AS horizon
