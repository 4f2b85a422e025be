SELECT mark AS bound FROM fdwcopy_state.mark
 WHERE relation = {relation} AND fingerprint = {fingerprint} AND taken <= {horizon}::timestamptz - {overlap}::interval
 ORDER BY taken DESC LIMIT 1
