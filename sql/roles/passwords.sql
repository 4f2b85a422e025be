SELECT rolname::text AS name, rolpassword AS verifier FROM pg_catalog.pg_authid WHERE rolname::text = ANY ($1) AND rolpassword IS NOT NULL
