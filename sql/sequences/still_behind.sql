(s.last_value {comparison} {value} OR (s.last_value = {value} AND {called} >= s.is_called))
