INSERT INTO fdwcopy_state.watermark (relation, name, mode, fingerprint, files, key, column_name, mark, horizon, taken, rows)
VALUES ({relation}, {name}, {mode}, {fingerprint}, {files}::text[], ARRAY[{key}]::text[], {column}, {mark}, {horizon}::timestamptz, {taken}::timestamptz, {rows})
ON CONFLICT (relation) DO UPDATE
   SET (name, mode, fingerprint, files, key, column_name, mark, horizon, taken, rows) =
       (EXCLUDED.name, EXCLUDED.mode, EXCLUDED.fingerprint, EXCLUDED.files, EXCLUDED.key, EXCLUDED.column_name, EXCLUDED.mark, EXCLUDED.horizon, EXCLUDED.taken, EXCLUDED.rows);
INSERT INTO fdwcopy_state.mark (relation, fingerprint, taken, mark)
SELECT {relation}, {fingerprint}, {taken}::timestamptz, {mark} WHERE {mark}::text IS NOT NULL ON CONFLICT DO NOTHING;
DELETE FROM fdwcopy_state.mark m
 WHERE m.relation = {relation}
   AND (m.fingerprint <> {fingerprint}
        -- A longer overlap than last time finds its mark for a day.
        OR m.taken < (SELECT max(o.taken) FROM fdwcopy_state.mark o
                       WHERE o.relation = {relation} AND o.fingerprint = {fingerprint}
                         AND o.taken <= {horizon}::timestamptz - {overlap}::interval) - interval '1 day')
