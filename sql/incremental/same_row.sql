NOT pg_catalog.record_image_ne(ROW({there}), ROW({given}))
