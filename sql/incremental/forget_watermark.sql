DELETE FROM fdwcopy_state.watermark WHERE relation = {relation};
DELETE FROM fdwcopy_state.mark WHERE relation = {relation}
