DROP TABLE fdwcopy_state.run, fdwcopy_state.entry, fdwcopy_state.chunk, fdwcopy_state.large_object, fdwcopy_state.aside,
    fdwcopy_state.witness;
DROP SCHEMA fdwcopy_state;
