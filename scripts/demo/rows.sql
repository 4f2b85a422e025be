-- Rows for schema.sql, about five times as many as :orders. Every value follows from its number, so that two runs make the same rows.
INSERT INTO shop.customer (email, name, home, tags, profile, signed_up)
SELECT 'c' || n || '@example.org',
       'Customer ' || n || CASE WHEN n % 50 = 0 THEN ' Æßø 漢字' ELSE '' END,
       CASE WHEN n % 7 > 0 THEN ROW(n % 300 || ' Main Street', 'Town ' || n % 900, lpad((n % 99999)::text, 5, '0'))::shop.address END,
       CASE WHEN n % 3 = 0 THEN ARRAY['regular', 'a "quoted", tag', NULL] ELSE '{}' END,
       CASE WHEN n % 4 > 0 THEN jsonb_build_object('n', n, 'likes', jsonb_build_array(n % 10, NULL, 'tea')) END,
       timestamptz '2020-01-01 00:00+00' + n * interval '17 minutes'
  FROM generate_series(1, :orders / 6) AS n;

INSERT INTO shop.product (name, description, price, vat, retired)
SELECT 'Product ' || n || ' ' || (ARRAY['red', 'green', 'blue', 'large', 'small'])[1 + n % 5],
       repeat(md5(n::text) || E'\t\\ \n', n % 12),
       (n % 5000) / 7.0, CASE n % 3 WHEN 0 THEN 0.07 ELSE 0.19 END, n % 20 = 0
  FROM generate_series(1, greatest(:orders / 30, 10)) AS n;

INSERT INTO shop.orders (placed, customer_id, status, invoice, note, changed)
SELECT date '2022-11-01' + (n % 1200)::integer,
       1 + n % (:orders / 6),
       (ARRAY['new', 'paid', 'sent', 'sent', 'returned']::shop.order_status[])[1 + n % 5],
       100000 + 10 * n,
       CASE WHEN n % 9 = 0 THEN repeat('leave it with the neighbours ', 1 + (n % 4)::integer) END,
       CASE WHEN n % 2 = 0 THEN timestamp '2026-01-01' - n * interval '1.000001 second' END
  FROM generate_series(1, :orders) AS n;
SELECT setval('shop.invoice_number', 100000 + 10 * :orders) \g /dev/null

INSERT INTO shop.order_line (order_id, placed, line, product_id, quantity, unit_price)
SELECT n, date '2022-11-01' + (n % 1200)::integer, line,
       1000 + 3 * ((n * 7 + line) % greatest(:orders / 30, 10)), 1 + (n + line) % 12, (n * line % 9999) / 100.0
  FROM generate_series(1, :orders) AS n, generate_series(1, 1 + n % 4) AS line;

UPDATE shop.customer SET best_order = id, best_order_placed = date '2022-11-01' + ((id) % 1200)::integer WHERE id % 11 = 0;

INSERT INTO stock.shelf (code, place, keeps, weight, checked_every, label)
SELECT 'S' || n, point(n / 3.0, -n), CASE WHEN n % 5 > 0 THEN stock.temperature(n % 30 - 20, n % 30, '[]') END,
       CASE n % 100 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' ELSE n / 3.0::double precision END,
       n * interval '1 day 2 minutes', md5(n::text)::uuid
  FROM generate_series(1, least(:orders / 30, 9999)) AS n;

INSERT INTO stock.document
SELECT n, 'scan', decode((SELECT string_agg(md5(n || '-' || part), '') FROM generate_series(1, 8000) AS part), 'hex')
  FROM generate_series(1, greatest(:orders / 3000, 3)) AS n;
INSERT INTO stock.scratch SELECT n, 'scratch ' || n FROM generate_series(1, 500) AS n;
SELECT nextval('stock.countdown') FROM generate_series(1, 17) \g /dev/null

INSERT INTO audit.event (at, kind, detail)
SELECT timestamptz '2024-03-31 01:30:00+01' + n * interval '1 minute', (ARRAY['view', 'search', 'buy'])[1 + n % 3],
       jsonb_build_object('page', n % 1000, 'text', repeat('x', (n % 40)::integer))
  FROM generate_series(1, :orders / 2) AS n;
INSERT INTO audit.login (at, kind, address, succeeded)
SELECT timestamptz '2025-01-01 00:00+00' + n * interval '11 seconds', 'login', inet '10.0.0.0' + n, n % 6 > 0
  FROM generate_series(1, :orders / 3) AS n;

INSERT INTO "Mixed Case"."Price List"
SELECT 1000 + 3 * (n / 4), daterange(date '2022-01-01' + (n % 4)::integer * 365, date '2022-01-01' + (n % 4 + 1)::integer * 365),
       n / 9.0, CASE WHEN n % 2 = 0 THEN 'it''s "' || n || '"' END
  FROM generate_series(0, 4 * greatest(:orders / 30, 10) - 1) AS n;
INSERT INTO "Mixed Case"."Node" SELECT n, nullif(n / 2, 0), 'Node ' || n FROM generate_series(1, 2000) AS n;
