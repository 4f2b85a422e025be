DELETE FROM pg_temp.{differing} WHERE place > {brought} OR place < -{deleted}
