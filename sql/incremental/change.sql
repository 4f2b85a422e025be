 ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE pg_catalog.record_image_ne(ROW({kept}), ROW({given}))
