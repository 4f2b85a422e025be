{key} BETWEEN '{from}'::int8 AND '{to}'::int8
