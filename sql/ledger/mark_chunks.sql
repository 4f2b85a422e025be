UPDATE fdwcopy_state.chunk
   SET rows = copied.rows, horizon = {horizon}
  FROM (VALUES {copied}) AS copied (relation, part, rows)
 WHERE chunk.relation = copied.relation AND chunk.part = copied.part AND chunk.rows IS NULL
