SELECT referencing.* {violating}
