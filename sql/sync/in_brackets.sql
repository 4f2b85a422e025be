({conditions})
