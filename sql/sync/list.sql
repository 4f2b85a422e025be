SELECT {key}, {hash} AS hash FROM {from}
