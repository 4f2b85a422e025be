SELECT name FROM fdwcopy_state.watermark ORDER BY name
