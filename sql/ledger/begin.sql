INSERT INTO fdwcopy_state.run (id, mode, resumable, job, schemas, extensions)
VALUES ({id}, {mode}, {resumable}, {job}, ARRAY[{schemas}]::text[], ARRAY[{extensions}]::text[])
