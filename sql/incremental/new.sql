fdwcopy_given.{column}
