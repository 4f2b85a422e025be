--
-- PostgreSQL database dump
--

\restrict 2XkVgeBSaYtHKTKvkZ1RGZyz3aZnOXrjEATwufNhgoL2EMAtfybc5C1soTaxjyn

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

-- Started on 2026-11-21 01:48:49 UTC

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

--
-- TOC entry 3700 (class 2606 OID 18945)
-- Dependencies: 223
-- Name: Name: x; Type: TABLE; Schema: public; Owner: nobody Name: x; Type: TABLE; Schema: public; Owner: nobody_pkey; Type: CONSTRAINT; Schema: Odd; Schema - x; Owner: Odd; Role
-- Data Pos: 0
--

ALTER TABLE ONLY "Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody"
    ADD CONSTRAINT "Name: x; Type: TABLE; Schema: public; Owner: nobody_pkey" PRIMARY KEY (id);


--
-- TOC entry 3696 (class 2606 OID 18938)
-- Dependencies: 221
-- Name: customer customer_name_key; Type: CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.customer
    ADD CONSTRAINT customer_name_key UNIQUE (name);


--
-- TOC entry 3698 (class 2606 OID 18936)
-- Dependencies: 221
-- Name: customer customer_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);

ALTER TABLE app.customer CLUSTER ON customer_pkey;


--
-- TOC entry 3722 (class 2606 OID 19014)
-- Dependencies: 233
-- Name: cyc_a cyc_a_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.cyc_a
    ADD CONSTRAINT cyc_a_pkey PRIMARY KEY (id);


--
-- TOC entry 3724 (class 2606 OID 19019)
-- Dependencies: 234
-- Name: cyc_b cyc_b_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.cyc_b
    ADD CONSTRAINT cyc_b_pkey PRIMARY KEY (id);


--
-- TOC entry 3703 (class 2606 OID 19077)
-- Dependencies: 225
-- Name: spaced ex; Type: CONSTRAINT; Schema: app; Owner: nasty_owner
-- Data Pos: 0
--

ALTER TABLE ONLY app.spaced
    ADD CONSTRAINT ex EXCLUDE USING gist (id WITH =);


--
-- TOC entry 3694 (class 2606 OID 19030)
-- Dependencies: 233 233
-- Name: cyc_a nv; Type: CHECK CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE app.cyc_a
    ADD CONSTRAINT nv CHECK ((id > 0)) NOT VALID;


--
-- TOC entry 3921 (class 0 OID 0)
-- Dependencies: 3694
-- Name: CONSTRAINT nv ON cyc_a; Type: COMMENT; Schema: app; Owner: postgres
-- Data Pos: 0
--

COMMENT ON CONSTRAINT nv ON app.cyc_a IS 'c';


--
-- TOC entry 3711 (class 2606 OID 18996)
-- Dependencies: 228 228
-- Name: part part_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.part
    ADD CONSTRAINT part_pkey PRIMARY KEY (id, d);


--
-- TOC entry 3714 (class 2606 OID 18998)
-- Dependencies: 229 3711 229 229
-- Name: part_1 part_1_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.part_1
    ADD CONSTRAINT part_1_pkey PRIMARY KEY (id, d);


--
-- TOC entry 3717 (class 2606 OID 19000)
-- Dependencies: 3711 230 230 230
-- Name: part_2 part_2_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.part_2
    ADD CONSTRAINT part_2_pkey PRIMARY KEY (id, d);


--
-- TOC entry 3720 (class 2606 OID 19002)
-- Dependencies: 231 231 231 3717
-- Name: part_2_1 part_2_1_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.part_2_1
    ADD CONSTRAINT part_2_1_pkey PRIMARY KEY (id, d);


SET default_tablespace = nasty_space;

--
-- TOC entry 3705 (class 2606 OID 18963)
-- Dependencies: 225
-- Name: spaced spaced_pkey; Type: CONSTRAINT; Schema: app; Owner: nasty_owner; Tablespace: nasty_space
-- Data Pos: 0
--

ALTER TABLE ONLY app.spaced
    ADD CONSTRAINT spaced_pkey PRIMARY KEY (id);


SET default_tablespace = '';

--
-- TOC entry 3726 (class 2606 OID 19094)
-- Dependencies: 244
-- Name: log log_pkey; Type: CONSTRAINT; Schema: audit; Owner: nasty_owner
-- Data Pos: 0
--

ALTER TABLE ONLY audit.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (id);


--
-- TOC entry 3708 (class 1259 OID 18972)
-- Dependencies: 226
-- Name: mat_id_idx; Type: INDEX; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE UNIQUE INDEX mat_id_idx ON app.mat USING btree (id);


--
-- TOC entry 3709 (class 1259 OID 18991)
-- Dependencies: 228
-- Name: part_id_idx; Type: INDEX; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE INDEX part_id_idx ON ONLY app.part USING btree (id);


--
-- TOC entry 3712 (class 1259 OID 18992)
-- Dependencies: 229 3709 229
-- Name: part_1_id_idx; Type: INDEX; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE INDEX part_1_id_idx ON app.part_1 USING btree (id);


--
-- TOC entry 3715 (class 1259 OID 18993)
-- Dependencies: 230 230 3709
-- Name: part_2_id_idx; Type: INDEX; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE INDEX part_2_id_idx ON ONLY app.part_2 USING btree (id);


--
-- TOC entry 3718 (class 1259 OID 18994)
-- Dependencies: 231 3715 231
-- Name: part_2_1_id_idx; Type: INDEX; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE INDEX part_2_1_id_idx ON app.part_2_1 USING btree (id);


SET default_tablespace = nasty_space;

--
-- TOC entry 3706 (class 1259 OID 18964)
-- Dependencies: 225
-- Name: spaced_t; Type: INDEX; Schema: app; Owner: nasty_owner; Tablespace: nasty_space
-- Data Pos: 0
--

CREATE INDEX spaced_t ON app.spaced USING btree (t);


--
-- TOC entry 3922 (class 0 OID 0)
-- Dependencies: 3706
-- Name: INDEX spaced_t; Type: COMMENT; Schema: app; Owner: nasty_owner
-- Data Pos: 0
--

COMMENT ON INDEX app.spaced_t IS 'i';


SET default_tablespace = '';

--
-- TOC entry 3707 (class 1259 OID 18965)
-- Dependencies: 225
-- Name: spaced_t2; Type: INDEX; Schema: app; Owner: nasty_owner
-- Data Pos: 0
--

CREATE INDEX spaced_t2 ON app.spaced USING btree (t);


--
-- TOC entry 3701 (class 1259 OID 18956)
-- Dependencies: 224
-- Name: idx -- x; Type: INDEX; Type: INDEX; Schema: public; Owner: postgres
-- Data Pos: 0
--

CREATE INDEX "idx
-- x; Type: INDEX" ON public."new
line; Type: VIEW
-- TOC entry 5 (class 1 OID 1)" USING btree ("c; d");


--
-- TOC entry 3727 (class 0 OID 0)
-- Dependencies: 3712 3709 229 228
-- Name: part_1_id_idx; Type: INDEX ATTACH; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER INDEX app.part_id_idx ATTACH PARTITION app.part_1_id_idx;


--
-- TOC entry 3728 (class 0 OID 0)
-- Dependencies: 3711 229 3714 3711 229 228
-- Name: part_1_pkey; Type: INDEX ATTACH; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER INDEX app.part_pkey ATTACH PARTITION app.part_1_pkey;


--
-- TOC entry 3731 (class 0 OID 0)
-- Dependencies: 3718 3715 231 230
-- Name: part_2_1_id_idx; Type: INDEX ATTACH; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER INDEX app.part_2_id_idx ATTACH PARTITION app.part_2_1_id_idx;


--
-- TOC entry 3732 (class 0 OID 0)
-- Dependencies: 231 3711 3717 230 3720 3711 3717 230 231 230
-- Name: part_2_1_pkey; Type: INDEX ATTACH; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER INDEX app.part_2_pkey ATTACH PARTITION app.part_2_1_pkey;


--
-- TOC entry 3729 (class 0 OID 0)
-- Dependencies: 3715 3709 230 228
-- Name: part_2_id_idx; Type: INDEX ATTACH; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER INDEX app.part_id_idx ATTACH PARTITION app.part_2_id_idx;


--
-- TOC entry 3730 (class 0 OID 0)
-- Dependencies: 3711 3717 230 3711 230 228
-- Name: part_2_pkey; Type: INDEX ATTACH; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER INDEX app.part_pkey ATTACH PARTITION app.part_2_pkey;


--
-- TOC entry 3733 (class 3381 OID 19067)
-- Dependencies: 221 221 10
-- Name: st; Type: STATISTICS; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE STATISTICS app.st (dependencies) ON id, name FROM app.customer;
ALTER STATISTICS app.st SET STATISTICS 50;


ALTER STATISTICS app.st OWNER TO postgres;

--
-- TOC entry 3886 (class 2618 OID 19042)
-- Dependencies: 221 221 3698 237
-- Name: grouped _RETURN; Type: RULE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE OR REPLACE VIEW app.grouped AS
 SELECT customer.id,
    customer.name,
    count(*) AS count
   FROM app.customer
  GROUP BY customer.id;


--
-- TOC entry 3887 (class 2618 OID 19043)
-- Dependencies: 235 235 235 221
-- Name: v1 ins; Type: RULE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE RULE ins AS
    ON INSERT TO app.v1 DO INSTEAD  INSERT INTO app.customer (name)
  VALUES (new.name);


--
-- TOC entry 3738 (class 2620 OID 19049)
-- Dependencies: 221 510
-- Name: customer tg; Type: TRIGGER; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TRIGGER tg BEFORE INSERT ON app.customer FOR EACH ROW EXECUTE FUNCTION app.tricky();

ALTER TABLE app.customer DISABLE TRIGGER tg;


--
-- TOC entry 3923 (class 0 OID 0)
-- Dependencies: 3738
-- Name: TRIGGER tg ON customer; Type: COMMENT; Schema: app; Owner: postgres
-- Data Pos: 0
--

COMMENT ON TRIGGER tg ON app.customer IS 't';


--
-- TOC entry 3739 (class 2620 OID 19050)
-- Dependencies: 228 510
-- Name: part tg; x; Type: TRIGGER; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TRIGGER "tg; x" AFTER UPDATE ON app.part FOR EACH ROW EXECUTE FUNCTION app.tricky();


--
-- TOC entry 3734 (class 2606 OID 18946)
-- Dependencies: 223 221 3698
-- Name: Name: x; Type: TABLE; Schema: public; Owner: nobody Name: x; Type: TABLE; Schema: public; Owner: nobo_customer_fkey; Type: FK CONSTRAINT; Schema: Odd; Schema - x; Owner: Odd; Role
-- Data Pos: 0
--

ALTER TABLE ONLY "Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody"
    ADD CONSTRAINT "Name: x; Type: TABLE; Schema: public; Owner: nobo_customer_fkey" FOREIGN KEY (customer) REFERENCES app.customer(id);


--
-- TOC entry 3735 (class 2606 OID 19025)
-- Dependencies: 234 3724 233
-- Name: cyc_a cyc_a_b_fkey; Type: FK CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.cyc_a
    ADD CONSTRAINT cyc_a_b_fkey FOREIGN KEY (b) REFERENCES app.cyc_b(id) DEFERRABLE INITIALLY DEFERRED;


--
-- TOC entry 3736 (class 2606 OID 19020)
-- Dependencies: 233 234 3722
-- Name: cyc_b cyc_b_a_fkey; Type: FK CONSTRAINT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.cyc_b
    ADD CONSTRAINT cyc_b_a_fkey FOREIGN KEY (a) REFERENCES app.cyc_a(id);


--
-- TOC entry 3737 (class 2606 OID 19095)
-- Dependencies: 3698 221 244
-- Name: log log_c_fkey; Type: FK CONSTRAINT; Schema: audit; Owner: nasty_owner
-- Data Pos: 0
--

ALTER TABLE ONLY audit.log
    ADD CONSTRAINT log_c_fkey FOREIGN KEY (c) REFERENCES app.customer(id) ON DELETE CASCADE;


--
-- TOC entry 3889 (class 3256 OID 19057)
-- Dependencies: 238 238
-- Name: rls pol; Type: x; Type: POLICY; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE POLICY "pol; Type: x" ON app.rls USING ((owner = CURRENT_USER));


--
-- TOC entry 3888 (class 0 OID 19054)
-- Dependencies: 238
-- Name: rls; Type: ROW SECURITY; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE app.rls ENABLE ROW LEVEL SECURITY;

--
-- TOC entry 3890 (class 6104 OID 19060)
-- Name: pub; Type: PUBLICATION; Schema: -; Owner: postgres
-- Data Pos: 0
--

CREATE PUBLICATION pub WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION pub OWNER TO postgres;

--
-- TOC entry 3891 (class 6104 OID 19064)
-- Name: puball; Type: PUBLICATION; Schema: -; Owner: postgres
-- Data Pos: 0
--

CREATE PUBLICATION puball FOR ALL TABLES WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION puball OWNER TO postgres;

--
-- TOC entry 3892 (class 6104 OID 19065)
-- Name: pubs; Type: PUBLICATION; Schema: -; Owner: postgres
-- Data Pos: 0
--

CREATE PUBLICATION pubs WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION pubs OWNER TO postgres;

--
-- TOC entry 3894 (class 6106 OID 19062)
-- Dependencies: 3890 232 232
-- Name: pub child; Type: PUBLICATION TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER PUBLICATION pub ADD TABLE ONLY app.child (id);


--
-- TOC entry 3893 (class 6106 OID 19061)
-- Dependencies: 221 3890 221
-- Name: pub customer; Type: PUBLICATION TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER PUBLICATION pub ADD TABLE ONLY app.customer (id);


--
-- TOC entry 3895 (class 6106 OID 19063)
-- Dependencies: 228 3890
-- Name: pub part; Type: PUBLICATION TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER PUBLICATION pub ADD TABLE ONLY app.part;


--
-- TOC entry 3896 (class 6237 OID 19066)
-- Dependencies: 10 3892
-- Name: pubs app; Type: PUBLICATION TABLES IN SCHEMA; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER PUBLICATION pubs ADD TABLES IN SCHEMA app;


--
-- TOC entry 2514 (class 826 OID 19078)
-- Dependencies: 10
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: app; Owner: nasty_owner
-- Data Pos: 0
--

ALTER DEFAULT PRIVILEGES FOR ROLE nasty_owner IN SCHEMA app GRANT SELECT ON TABLES  TO "Odd; Role";


--
-- TOC entry 2515 (class 826 OID 19079)
-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: nasty_owner
-- Data Pos: 0
--

ALTER DEFAULT PRIVILEGES FOR ROLE nasty_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;


--
-- TOC entry 3684 (class 3466 OID 19059)
-- Dependencies: 509
-- Name: evt; Type: EVENT TRIGGER; Schema: -; Owner: postgres
-- Data Pos: 0
--

CREATE EVENT TRIGGER evt ON ddl_command_start
         WHEN TAG IN ('CREATE FUNCTION')
   EXECUTE FUNCTION public.evt();

ALTER EVENT TRIGGER evt DISABLE;


ALTER EVENT TRIGGER evt OWNER TO postgres;

-- Completed on 2026-11-21 02:02:12 UTC

--
-- PostgreSQL database dump complete
--

\unrestrict 2XkVgeBSaYtHKTKvkZ1RGZyz3aZnOXrjEATwufNhgoL2EMAtfybc5C1soTaxjyn

