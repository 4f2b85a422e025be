differing.{name} = {alias}.{column}
