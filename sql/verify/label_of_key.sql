ARRAY[{columns}]
