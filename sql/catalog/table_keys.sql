SELECT i.indrelid AS relation,
       c.relname::text AS name,
       i.indisprimary AS primary,
       -- What INSERT … ON CONFLICT can lean on.
       i.indisvalid AND i.indisunique AND NOT i.indisexclusion AND i.indpred IS NULL AND i.indexprs IS NULL AS plain,
       i.indimmediate AS immediate,
       array(SELECT a.attname::text
               FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
               JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
              WHERE k.place <= i.indnkeyatts
              ORDER BY k.place) AS columns
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
 WHERE i.indrelid = ANY ($1) AND (i.indisunique OR NOT i.indimmediate)
 ORDER BY i.indrelid, i.indisprimary DESC, c.relname
