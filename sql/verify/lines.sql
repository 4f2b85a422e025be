SELECT {place} AS place, {label} AS label, {hash} AS hash, {part} AS part FROM {from}
