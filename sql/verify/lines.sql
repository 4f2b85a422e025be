SELECT {place} AS place, {label} AS label, {hash} AS hash FROM {from}
