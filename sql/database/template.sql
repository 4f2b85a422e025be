ALTER DATABASE {database} IS_TEMPLATE {template}
