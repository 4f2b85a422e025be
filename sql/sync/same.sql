here.{name} = there.{name}
