FETCH FORWARD {rows} FROM fdwcopy_lines
