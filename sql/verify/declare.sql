CLOSE ALL;
DECLARE fdwcopy_lines NO SCROLL CURSOR FOR
{lines}
 ORDER BY place
