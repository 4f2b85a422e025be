-- Keys, indexes, views, triggers and rights for schema.sql, made once the rows are in.
ALTER TABLE shop.customer ADD PRIMARY KEY (id), ADD UNIQUE (email);
ALTER TABLE shop.product ADD PRIMARY KEY (id);
ALTER TABLE shop.orders ADD PRIMARY KEY (id, placed);
ALTER TABLE shop.order_line ADD PRIMARY KEY (order_id, line);
ALTER TABLE stock.shelf ADD PRIMARY KEY (id), ADD CONSTRAINT shelf_code UNIQUE (code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE stock.document ADD PRIMARY KEY (id);
ALTER TABLE audit.event ADD PRIMARY KEY (id);
ALTER TABLE audit.login ADD PRIMARY KEY (id);
ALTER TABLE "Mixed Case"."Price List" ADD CONSTRAINT "One Price a Day"
    EXCLUDE USING gist (int4range("Product Id", "Product Id", '[]') WITH &&, "Valid" WITH &&);
ALTER TABLE "Mixed Case"."Node" ADD CONSTRAINT "Node Key" PRIMARY KEY ("Id");

ALTER TABLE shop.orders ADD FOREIGN KEY (customer_id) REFERENCES shop.customer;
ALTER TABLE shop.customer ADD CONSTRAINT best_order_exists
    FOREIGN KEY (best_order, best_order_placed) REFERENCES shop.orders (id, placed) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE shop.order_line ADD FOREIGN KEY (order_id, placed) REFERENCES shop.orders (id, placed) ON DELETE CASCADE;
ALTER TABLE shop.order_line ADD FOREIGN KEY (product_id) REFERENCES shop.product;
ALTER TABLE "Mixed Case"."Price List" ADD FOREIGN KEY ("Product Id") REFERENCES shop.product;
ALTER TABLE "Mixed Case"."Node" ADD FOREIGN KEY ("Parent Id") REFERENCES "Mixed Case"."Node";
ALTER TABLE stock.shelf ADD CONSTRAINT light CHECK (weight < 100) NOT VALID;

CREATE INDEX customer_plain_name ON shop.customer (shop.plain(name));
CREATE INDEX customer_tags ON shop.customer USING gin (tags);
CREATE INDEX product_words ON shop.product USING gin (words);
CREATE INDEX product_name_similar ON shop.product USING gin (name gin_trgm_ops);
CREATE UNIQUE INDEX product_on_sale ON shop.product (name DESC, id) INCLUDE (price) WHERE NOT retired;
CREATE INDEX orders_customer ON shop.orders (customer_id);
CREATE INDEX event_at ON audit.event USING brin (at);
CREATE INDEX "Price List By Value" ON "Mixed Case"."Price List" ("select" DESC NULLS LAST);
ALTER TABLE stock.document CLUSTER ON document_pkey;
ALTER TABLE stock.shelf REPLICA IDENTITY USING INDEX shelf_pkey;
CREATE STATISTICS shop.orders_status (dependencies) ON status, placed FROM shop.orders_2025;
ALTER TABLE shop.order_line ALTER COLUMN product_id SET STATISTICS 500;
COMMENT ON INDEX shop.product_on_sale IS 'What the shop window shows';
COMMENT ON CONSTRAINT best_order_exists ON shop.customer IS 'Closes the circle';

CREATE VIEW shop.customer_summary AS
    SELECT c.id, c.name, count(o.id) AS orders, max(o.placed) AS latest
      FROM shop.customer AS c LEFT JOIN shop.orders AS o ON o.customer_id = c.id
     GROUP BY c.id;
CREATE VIEW shop.good_customers WITH (security_barrier) AS
    SELECT * FROM shop.customer_summary WHERE orders >= 6;
CREATE VIEW shop.on_sale AS SELECT id, name, price FROM shop.product WHERE NOT retired WITH LOCAL CHECK OPTION;
CREATE MATERIALIZED VIEW shop.revenue_by_month AS
    SELECT date_trunc('month', placed)::date AS month, sum(total) AS revenue, count(*) AS lines
      FROM shop.order_line GROUP BY 1;
CREATE UNIQUE INDEX revenue_month ON shop.revenue_by_month (month);
CREATE MATERIALIZED VIEW shop.best_months AS
    SELECT * FROM shop.revenue_by_month ORDER BY revenue DESC LIMIT 3;
CREATE MATERIALIZED VIEW shop.not_yet AS SELECT count(*) AS customers FROM shop.customer WITH NO DATA;
CREATE RULE keep_summary AS ON DELETE TO shop.customer_summary DO INSTEAD NOTHING;

-- Each of these would leave traces if it fired while rows are copied.
CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed := now();
    RETURN NEW;
END $$;
CREATE FUNCTION audit.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit AS $$
BEGIN
    INSERT INTO event (kind, detail) VALUES (TG_OP || ' ' || TG_TABLE_NAME, to_jsonb(NEW));
    RETURN NULL;
END $$;
CREATE PROCEDURE shop.retire(which integer) LANGUAGE sql
    AS $$ UPDATE shop.product SET retired = true WHERE id = which $$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.stamp();
CREATE TRIGGER record AFTER INSERT ON shop.product FOR EACH ROW EXECUTE FUNCTION audit.record();
CREATE TRIGGER record AFTER INSERT ON shop.customer FOR EACH ROW WHEN (NEW.profile IS NULL) EXECUTE FUNCTION audit.record();
ALTER TABLE shop.customer DISABLE TRIGGER record;
CREATE CONSTRAINT TRIGGER record_late AFTER INSERT ON stock.shelf DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit.record();
ALTER TABLE stock.shelf ENABLE ALWAYS TRIGGER record_late;

ALTER TABLE audit.login ENABLE ROW LEVEL SECURITY;
CREATE POLICY failures_only ON audit.login FOR SELECT TO demo_reader USING (NOT succeeded);
ALTER TABLE shop.customer OWNER TO demo_owner;
GRANT USAGE ON SCHEMA shop, "Mixed Case" TO demo_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO demo_reader;
GRANT SELECT ("Product Id", "select") ON "Mixed Case"."Price List" TO demo_reader;
GRANT USAGE ON SEQUENCE shop.invoice_number TO demo_reader WITH GRANT OPTION;
REVOKE EXECUTE ON FUNCTION audit.record() FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO demo_reader;
ANALYZE;
