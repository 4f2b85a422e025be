SELECT timeline_id::text AS timeline FROM pg_catalog.pg_control_checkpoint()
