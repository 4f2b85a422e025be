SELECT {number}::int8 AS number, count(*) AS rows,
       coalesce(sum(hashtextextended({row}, 0)), 0)::text || ':' ||
       coalesce(sum(hashtextextended({row}, 8675309)), 0)::text AS checksum, {newer} AS newer
  FROM {from}
