SET statement_timeout = {milliseconds}
