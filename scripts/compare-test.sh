#!/usr/bin/env bash
# Tests compare.sh: a dumped and restored copy of the demo's database is equal, and every single change to it is found.
#
#   scripts/compare-test.sh

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=scripts/lib/servers.sh
source "$here/lib/servers.sh"

failures=0

compare() { "$ROOT/scripts/compare.sh" "$(conninfo source demo)" "$(conninfo target "$1")"; }

# expect STATUS WORDS STATUS_FOUND OUTPUT: these words in the output, and no output where nothing differs.
expect() {
  local status=$1 words=$2 found=$3 output=$4
  if [[ $found == "$status" && $output == *"$words"* && ($status != 0 || -z $output) ]]; then
    note "ok: ${words:-nothing differs}"
  else
    note "FAILED: wanted status $status and '$words', found status $found and: $output"
    failures=$((failures + 1))
  fi
}

# finds SQL WORDS: after this change to the copy, the comparison says so in these words.
finds() {
  local output status=0
  create_database target changed demo
  psql_on target changed -c "$1" >/dev/null
  output=$(compare changed 2>/dev/null) || status=$?
  expect 1 "$2" "$status" "$output"
  drop_database target changed
}

ensure_postgresql
start_servers compare-test
for side in source target; do
  psql_on "$side" postgres -f "$ROOT/scripts/demo/roles.sql"
  create_database "$side" demo
done
for part in schema rows finish; do
  psql_on source demo -v orders=600 -f "$ROOT/scripts/demo/$part.sql"
done
"$PG_BIN/pg_dump" "$(conninfo source demo)" | psql_on target demo >/dev/null

status=0
output=$(compare demo 2>/dev/null) || status=$?
expect 0 "" "$status" "$output"

finds "UPDATE shop.order_line SET quantity = quantity + 1 WHERE order_id = 7 AND line = 1" "table shop.order_line: source "
finds "DELETE FROM stock.scratch WHERE id = 9" "table stock.scratch: source 500 rows"
finds "INSERT INTO stock.scratch VALUES (9, 'scratch 9')" "target 501 rows"
finds "UPDATE stock.shelf SET weight = weight + 0.0000001 WHERE id = 5" "table stock.shelf"
finds "UPDATE stock.document SET content = set_byte(content, 99999, 1 # get_byte(content, 99999)) WHERE id = 1" "table stock.document"
finds "UPDATE \"Mixed Case\".\"Node\" SET \"Name\" = \"Name\" || ' ' WHERE \"Id\" = 3" 'table "Mixed Case"."Node"'
finds "SELECT setval('shop.invoice_number', last_value + 1) FROM shop.invoice_number" "sequence shop.invoice_number: source 106000, called; target 106001, called"
finds "SELECT setval('\"Mixed Case\".\"Never Used\"', 42)" "source 42, not yet called; target 42, called"
finds "DROP INDEX shop.orders_customer" "INDEX shop.orders_customer: missing on the target"
finds "CREATE INDEX surplus ON stock.scratch (id)" "INDEX stock.surplus: only on the target"
finds "ALTER TABLE stock.scratch ALTER id SET DEFAULT 5" "TABLE stock.scratch: defined differently"
finds "ALTER TABLE shop.customer ENABLE TRIGGER record" "TRIGGER shop.customer record: defined differently"
finds "ALTER TABLE shop.customer OWNER TO postgres" "TABLE shop.customer: defined differently"
finds "REVOKE SELECT ON shop.orders FROM demo_reader" "ACL shop.TABLE orders: missing on the target"
finds "COMMENT ON COLUMN shop.customer.home IS NULL" "COMMENT shop.COLUMN customer.home: missing on the target"
finds "REFRESH MATERIALIZED VIEW shop.best_months WITH NO DATA" "materialized view shop.best_months: missing on the target"
finds "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.orders_2023_customer_id_idx'::regclass" "invalid index"
finds "SELECT lo_create(0)" "large objects of the database"
finds "CREATE SCHEMA left_over" "schema left_over"
finds "CREATE EXTENSION postgres_fdw" "extension postgres_fdw"

status=0
"$ROOT/scripts/compare.sh" "$(conninfo source demo)" "$(conninfo target missing)" >/dev/null 2>&1 || status=$?
if ((status != 2)); then
  note "FAILED: wanted status 2 for a database that is not there, found $status"
  failures=$((failures + 1))
fi

((failures == 0)) || die "$failures checks of compare.sh failed"
