({relation}::oid, {part}::int4, {rows}::int8)
