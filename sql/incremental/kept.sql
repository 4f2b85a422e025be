fdwcopy_kept.{column}
