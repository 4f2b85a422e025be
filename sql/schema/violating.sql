FROM {only} {table} AS referencing WHERE ({given}) AND NOT EXISTS (SELECT FROM {referenced_only} {referenced} AS referenced WHERE {equal})
