EXCLUDED.{column}
