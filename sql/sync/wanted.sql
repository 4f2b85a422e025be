EXISTS (SELECT FROM pg_temp.{differing} AS differing WHERE differing.kind <> '-' AND {equal})
