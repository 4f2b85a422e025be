 AT TIME ZONE 'UTC' - interval '12 hours'
