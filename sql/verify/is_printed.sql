{printed} = {value}
