{column} COLLATE "C"
