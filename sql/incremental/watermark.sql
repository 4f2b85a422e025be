SELECT w.mode, w.fingerprint, w.files, w.mark, w.horizon::text AS horizon,
       EXISTS (SELECT FROM {only}) AS filled
  FROM fdwcopy_state.watermark w WHERE w.relation = {relation}
