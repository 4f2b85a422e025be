DROP TABLE {staged}
