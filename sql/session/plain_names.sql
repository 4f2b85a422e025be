SET search_path = ''
