 WHERE {column} BETWEEN {least} AND {most}
