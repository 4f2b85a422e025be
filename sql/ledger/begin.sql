INSERT INTO fdwcopy_state.run (id, mode, resumable, job, source, schemas, extensions)
VALUES ({id}, {mode}, {resumable}, {job}, {source}, ARRAY[{schemas}]::text[], ARRAY[{extensions}]::text[])
