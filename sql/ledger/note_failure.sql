reason := SQLERRM;
            BEGIN
                UPDATE fdwcopy_state.{table} SET failure = reason WHERE {key} = item.{key};
            EXCEPTION WHEN OTHERS THEN
                NULL;
            END;
