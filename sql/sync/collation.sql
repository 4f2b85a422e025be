 COLLATE "default"
