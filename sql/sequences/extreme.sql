SELECT {number}::int8 AS number, ({extreme})::int8 AS extreme, {beyond} AS beyond
