INSERT INTO fdwcopy_state.witness VALUES (true) ON CONFLICT DO NOTHING
