({class}::oid, {object}::oid)
