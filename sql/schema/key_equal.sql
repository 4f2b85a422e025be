referenced.{referenced}{referenced_cast} OPERATOR({schema}.{operator}) referencing.{referencing}{referencing_cast}{collation}
