SELECT (least({oldest}::timestamptz, {earlier}::timestamptz) - {margin}::interval)::text AS horizon
