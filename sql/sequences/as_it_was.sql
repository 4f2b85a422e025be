(s.last_value = {value} AND s.is_called = {called})
