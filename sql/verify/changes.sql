SELECT count(*) AS rows, {newer} AS newer FROM {from}
