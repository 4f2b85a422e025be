SET DateStyle = 'ISO, YMD';
SET IntervalStyle = postgres;
SET TimeZone = 'UTC';
SET extra_float_digits = 3;
SET bytea_output = hex;
SET lc_monetary = 'C';
SET xmlbinary = base64;
SET search_path = ''
