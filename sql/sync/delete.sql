DELETE FROM {table} AS fdwcopy_kept USING pg_temp.{differing} AS differing WHERE differing.kind = ANY ({kinds}) AND {equal}
