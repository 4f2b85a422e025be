SELECT id, mode, resumable, begun::timestamptz(0)::text AS begun, job, source, schemas, extensions,
       (SELECT count(*) FROM fdwcopy_state.chunk) AS chunks,
       (SELECT count(*) FROM fdwcopy_state.chunk WHERE rows IS NOT NULL) AS copied
  FROM fdwcopy_state.run
