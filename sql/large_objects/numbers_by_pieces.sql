SELECT object.oid, object.size, {checksum} AS checksum
  FROM ({sizes}) AS object
