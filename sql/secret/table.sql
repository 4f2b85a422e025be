CREATE TEMPORARY TABLE fdwcopy_secret (statement text) USING heap ON COMMIT DROP
