DROP TABLE fdwcopy_state.run, fdwcopy_state.entry, fdwcopy_state.chunk;
DROP SCHEMA fdwcopy_state;
