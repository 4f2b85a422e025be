coalesce(here.{name}, there.{name}) AS {name}
