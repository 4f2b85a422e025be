fdwcopy_there.{column}
