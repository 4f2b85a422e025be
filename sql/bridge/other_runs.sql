SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE 'fdwcopy %' AND application_name NOT LIKE $1) AS present
