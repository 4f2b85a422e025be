--
-- PostgreSQL database dump
--

\restrict relp6tPT2NuhCX32tKnXM7OZbEuKUkoNthlLycAVF5jBfPB2xR6HRIi33S9bjer

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

--
-- TOC entry 8 (class 2615 OID 18126)
-- Name: Odd; Schema - x; Type: SCHEMA; Schema: -; Owner: postgres
-- Data Pos: 0
--

CREATE SCHEMA "Odd; Schema - x";


ALTER SCHEMA "Odd; Schema - x" OWNER TO postgres;

--
-- TOC entry 10 (class 2615 OID 18125)
-- Name: app; Type: SCHEMA; Schema: -; Owner: postgres
-- Data Pos: 0
--

CREATE SCHEMA app;


ALTER SCHEMA app OWNER TO postgres;

--
-- TOC entry 3904 (class 0 OID 0)
-- Dependencies: 10
-- Name: SCHEMA app; Type: COMMENT; Schema: -; Owner: postgres
-- Data Pos: 0
--

COMMENT ON SCHEMA app IS 'two
lines; Type: TABLE
--
-- TOC entry 1 (class 0 OID 0)
--';


--
-- TOC entry 9 (class 2615 OID 18127)
-- Name: audit; Type: SCHEMA; Schema: -; Owner: nasty_owner
-- Data Pos: 0
--

CREATE SCHEMA audit;


ALTER SCHEMA audit OWNER TO nasty_owner;

--
-- TOC entry 3327 (class 3456 OID 19069)
-- Dependencies: 10
-- Name: coll; Type: COLLATION; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE COLLATION app.coll (provider = libc, locale = 'C');


ALTER COLLATION app.coll OWNER TO postgres;

--
-- TOC entry 2 (class 3079 OID 18128)
-- Name: hstore; Type: EXTENSION; Schema: -; Owner: -
-- Data Pos: 0
--

CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;


--
-- TOC entry 3906 (class 0 OID 0)
-- Dependencies: 2
-- Name: EXTENSION hstore; Type: COMMENT; Schema: -; Owner: 
-- Data Pos: 0
--

COMMENT ON EXTENSION hstore IS 'data type for storing sets of (key, value) pairs';


--
-- TOC entry 3683 (class 3576 OID 19100)
-- Dependencies: 1127
-- Name: TRANSFORM FOR public.hstore LANGUAGE sql; Type: TRANSFORM; Schema: -; Owner: -
-- Data Pos: 0
--

CREATE TRANSFORM FOR public.hstore LANGUAGE sql (FROM SQL WITH FUNCTION pg_catalog.prsd_lextype(internal));


--
-- TOC entry 3 (class 3079 OID 18256)
-- Dependencies: 10
-- Name: btree_gist; Type: EXTENSION; Schema: -; Owner: -
-- Data Pos: 0
--

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA app;


--
-- TOC entry 3907 (class 0 OID 0)
-- Dependencies: 3
-- Name: EXTENSION btree_gist; Type: COMMENT; Schema: -; Owner: 
-- Data Pos: 0
--

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';


--
-- TOC entry 1156 (class 1247 OID 18920)
-- Dependencies: 10
-- Name: floatrange; Type: TYPE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TYPE app.floatrange AS RANGE (
    subtype = double precision,
    multirange_type_name = app.floatmultirange
);


ALTER TYPE app.floatrange OWNER TO postgres;

--
-- TOC entry 1146 (class 1247 OID 18907)
-- Dependencies: 10
-- Name: mood; Type: TYPE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TYPE app.mood AS ENUM (
    'a;b',
    'c
--
-- Name: x; Type: TABLE; Schema: public; Owner: -
--'
);


ALTER TYPE app.mood OWNER TO postgres;

--
-- TOC entry 1153 (class 1247 OID 18916)
-- Dependencies: 10
-- Name: pair; Type: TYPE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TYPE app.pair AS (
	a integer,
	b text
);


ALTER TYPE app.pair OWNER TO postgres;

--
-- TOC entry 1149 (class 1247 OID 18912)
-- Dependencies: 10
-- Name: positive; Type: DOMAIN; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE DOMAIN app.positive AS integer
	CONSTRAINT positive_check CHECK ((VALUE > 0));


ALTER DOMAIN app.positive OWNER TO postgres;

--
-- TOC entry 3682 (class 2605 OID 19075)
-- Dependencies: 1149
-- Name: CAST (app.positive AS text); Type: CAST; Schema: -; Owner: -
-- Data Pos: 0
--

CREATE CAST (app.positive AS text) WITH INOUT AS ASSIGNMENT;


--
-- TOC entry 507 (class 1255 OID 19045)
-- Dependencies: 10
-- Name: atomic(integer); Type: FUNCTION; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE FUNCTION app.atomic(a integer) RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT (a + 1);
 SELECT a AS a;
END;


ALTER FUNCTION app.atomic(a integer) OWNER TO postgres;

--
-- TOC entry 506 (class 1255 OID 19086)
-- Dependencies: 10
-- Name: dup(); Type: FUNCTION; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE FUNCTION app.dup() RETURNS integer
    LANGUAGE sql
    AS $$select 1$$;


ALTER FUNCTION app.dup() OWNER TO postgres;

--
-- TOC entry 260 (class 1255 OID 19087)
-- Dependencies: 10
-- Name: dup(integer); Type: FUNCTION; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE FUNCTION app.dup(integer) RETURNS integer
    LANGUAGE sql
    AS $$select 1$$;


ALTER FUNCTION app.dup(integer) OWNER TO postgres;

--
-- TOC entry 508 (class 1255 OID 19046)
-- Dependencies: 10
-- Name: proc(integer, text); Type: PROCEDURE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE PROCEDURE app.proc(INOUT a integer, IN b text DEFAULT 'x;y'::text)
    LANGUAGE plpgsql
    AS $$begin null; end$$;


ALTER PROCEDURE app.proc(INOUT a integer, IN b text) OWNER TO postgres;

--
-- TOC entry 510 (class 1255 OID 19044)
-- Dependencies: 10
-- Name: tricky(); Type: FUNCTION; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE FUNCTION app.tricky() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
--
-- TOC entry 215 (class 1259 OID 16389)
-- Dependencies: 5 7
-- Name: foo; Type: TABLE; Schema: public; Owner: postgres
--

SET default_tablespace = nasty_space;

/* 
\restrict abc
*/
-- Completed on 2024-01-01
  return new;
end $$;


ALTER FUNCTION app.tricky() OWNER TO postgres;

--
-- TOC entry 3908 (class 0 OID 0)
-- Dependencies: 510
-- Name: FUNCTION tricky(); Type: COMMENT; Schema: app; Owner: postgres
-- Data Pos: 0
--

COMMENT ON FUNCTION app.tricky() IS 'f';


--
-- TOC entry 509 (class 1255 OID 19058)
-- Name: evt(); Type: FUNCTION; Schema: public; Owner: postgres
-- Data Pos: 0
--

CREATE FUNCTION public.evt() RETURNS event_trigger
    LANGUAGE plpgsql
    AS $$begin null; end$$;


ALTER FUNCTION public.evt() OWNER TO postgres;

--
-- TOC entry 1224 (class 1255 OID 19047)
-- Dependencies: 10
-- Name: agg(integer); Type: AGGREGATE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE AGGREGATE app.agg(integer) (
    SFUNC = int4pl,
    STYPE = integer
);


ALTER AGGREGATE app.agg(integer) OWNER TO postgres;

--
-- TOC entry 2038 (class 2617 OID 19048)
-- Dependencies: 10
-- Name: ===; Type: OPERATOR; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE OPERATOR app.=== (
    FUNCTION = int4eq,
    LEFTARG = integer,
    RIGHTARG = integer
);


ALTER OPERATOR app.=== (integer, integer) OWNER TO postgres;

--
-- TOC entry 2511 (class 3602 OID 19068)
-- Dependencies: 10
-- Name: ts; Type: TEXT SEARCH CONFIGURATION; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TEXT SEARCH CONFIGURATION app.ts (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR asciiword WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR word WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR numword WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR email WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR url WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR host WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR sfloat WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR version WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR hword_numpart WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR hword_part WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR hword_asciipart WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR numhword WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR asciihword WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR hword WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR url_path WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR file WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR "float" WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR "int" WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.ts
    ADD MAPPING FOR uint WITH simple;


ALTER TEXT SEARCH CONFIGURATION app.ts OWNER TO postgres;

--
-- TOC entry 2512 (class 2328 OID 19080)
-- Name: fw; Type: FOREIGN DATA WRAPPER; Schema: -; Owner: postgres
-- Data Pos: 0
--

CREATE FOREIGN DATA WRAPPER fw;


ALTER FOREIGN DATA WRAPPER fw OWNER TO postgres;

--
-- TOC entry 2513 (class 1417 OID 19081)
-- Dependencies: 2512
-- Name: srv; Type: SERVER; Schema: -; Owner: postgres
-- Data Pos: 0
--

CREATE SERVER srv FOREIGN DATA WRAPPER fw;


ALTER SERVER srv OWNER TO postgres;

--
-- TOC entry 3910 (class 0 OID 0)
-- Name: USER MAPPING nasty_owner SERVER srv; Type: USER MAPPING; Schema: -; Owner: postgres
-- Data Pos: 0
--

CREATE USER MAPPING FOR nasty_owner SERVER srv OPTIONS (
    u 'x'
);


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- TOC entry 223 (class 1259 OID 18940)
-- Dependencies: 8
-- Name: Name: x; Type: TABLE; Schema: public; Owner: nobody; Type: TABLE; Schema: Odd; Schema - x; Owner: Odd; Role
-- Data Pos: 0
--

CREATE TABLE "Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody" (
    id integer NOT NULL,
    customer integer
);


ALTER TABLE "Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody" OWNER TO "Odd; Role";

--
-- TOC entry 222 (class 1259 OID 18939)
-- Dependencies: 223 8
-- Name: Name: x; Type: TABLE; Schema: public; Owner: nobody_id_seq; Type: SEQUENCE; Schema: Odd; Schema - x; Owner: Odd; Role
-- Data Pos: 0
--

CREATE SEQUENCE "Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody_id_seq"
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE "Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody_id_seq" OWNER TO "Odd; Role";

--
-- TOC entry 3911 (class 0 OID 0)
-- Dependencies: 222
-- Name: Name: x; Type: TABLE; Schema: public; Owner: nobody_id_seq; Type: SEQUENCE OWNED BY; Schema: Odd; Schema - x; Owner: Odd; Role
-- Data Pos: 0
--

ALTER SEQUENCE "Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody_id_seq" OWNED BY "Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody".id;


--
-- TOC entry 221 (class 1259 OID 18928)
-- Dependencies: 1146 10 1149 1146
-- Name: customer; Type: TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TABLE app.customer (
    id integer NOT NULL,
    name text NOT NULL,
    m app.mood DEFAULT 'a;b'::app.mood,
    p app.positive,
    up text GENERATED ALWAYS AS (upper(name)) STORED
);
ALTER TABLE ONLY app.customer ALTER COLUMN name SET STATISTICS 7;
ALTER TABLE ONLY app.customer ALTER COLUMN name SET STORAGE EXTERNAL;


ALTER TABLE app.customer OWNER TO postgres;

--
-- TOC entry 3912 (class 0 OID 0)
-- Dependencies: 221
-- Name: TABLE customer; Type: COMMENT; Schema: app; Owner: postgres
-- Data Pos: 0
--

COMMENT ON TABLE app.customer IS 'it''s; a -- comment';


--
-- TOC entry 3913 (class 0 OID 0)
-- Dependencies: 221
-- Name: COLUMN customer.name; Type: COMMENT; Schema: app; Owner: postgres
-- Data Pos: 0
--

COMMENT ON COLUMN app.customer.name IS 'x
-- Dependencies: 5';


--
-- TOC entry 232 (class 1259 OID 19003)
-- Dependencies: 10 1149 1146 221
-- Name: child; Type: TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TABLE app.child (
    extra text
)
INHERITS (app.customer);
ALTER TABLE ONLY app.child ALTER COLUMN name SET STATISTICS 7;
ALTER TABLE ONLY app.child ALTER COLUMN name SET STORAGE EXTERNAL;


ALTER TABLE app.child OWNER TO postgres;

--
-- TOC entry 220 (class 1259 OID 18927)
-- Dependencies: 221 10
-- Name: customer_id_seq; Type: SEQUENCE; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE app.customer ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.customer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- TOC entry 233 (class 1259 OID 19010)
-- Dependencies: 10
-- Name: cyc_a; Type: TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TABLE app.cyc_a (
    id integer NOT NULL,
    b integer
);


ALTER TABLE app.cyc_a OWNER TO postgres;

--
-- TOC entry 234 (class 1259 OID 19015)
-- Dependencies: 10
-- Name: cyc_b; Type: TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TABLE app.cyc_b (
    id integer NOT NULL,
    a integer
);


ALTER TABLE app.cyc_b OWNER TO postgres;

--
-- TOC entry 242 (class 1259 OID 19083)
-- Dependencies: 10 2513
-- Name: ft; Type: FOREIGN TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE FOREIGN TABLE app.ft (
    a integer
)
SERVER srv;


ALTER FOREIGN TABLE app.ft OWNER TO postgres;

--
-- TOC entry 237 (class 1259 OID 19039)
-- Dependencies: 10
-- Name: grouped; Type: VIEW; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE VIEW app.grouped AS
SELECT
    NULL::integer AS id,
    NULL::text AS name,
    NULL::bigint AS count;


ALTER TABLE app.grouped OWNER TO postgres;

SET default_tablespace = nasty_space;

--
-- TOC entry 225 (class 1259 OID 18957)
-- Dependencies: 10
-- Name: spaced; Type: TABLE; Schema: app; Owner: nasty_owner; Tablespace: nasty_space
-- Data Pos: 0
--

CREATE TABLE app.spaced (
    id integer NOT NULL,
    t text
);


ALTER TABLE app.spaced OWNER TO nasty_owner;

--
-- TOC entry 226 (class 1259 OID 18966)
-- Dependencies: 225 225 10
-- Name: mat; Type: MATERIALIZED VIEW; Schema: app; Owner: postgres; Tablespace: nasty_space
-- Data Pos: 0
--

CREATE MATERIALIZED VIEW app.mat AS
 SELECT spaced.id,
    spaced.t
   FROM app.spaced
  WITH NO DATA;


ALTER TABLE app.mat OWNER TO postgres;

SET default_tablespace = '';

--
-- TOC entry 227 (class 1259 OID 18973)
-- Dependencies: 226 226 10
-- Name: mat_empty; Type: MATERIALIZED VIEW; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE MATERIALIZED VIEW app.mat_empty AS
 SELECT mat.id,
    mat.t
   FROM app.mat
  WITH NO DATA;


ALTER TABLE app.mat_empty OWNER TO postgres;

--
-- TOC entry 228 (class 1259 OID 18979)
-- Dependencies: 10
-- Name: part; Type: TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TABLE app.part (
    id integer NOT NULL,
    d date NOT NULL
)
PARTITION BY RANGE (d);


ALTER TABLE app.part OWNER TO postgres;

--
-- TOC entry 229 (class 1259 OID 18982)
-- Dependencies: 228 10
-- Name: part_1; Type: TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TABLE app.part_1 (
    id integer NOT NULL,
    d date NOT NULL
);


ALTER TABLE app.part_1 OWNER TO postgres;

SET default_tablespace = nasty_space;

--
-- TOC entry 230 (class 1259 OID 18985)
-- Dependencies: 228 10
-- Name: part_2; Type: TABLE; Schema: app; Owner: postgres; Tablespace: nasty_space
-- Data Pos: 0
--

CREATE TABLE app.part_2 (
    id integer NOT NULL,
    d date NOT NULL
)
PARTITION BY LIST (id);


ALTER TABLE app.part_2 OWNER TO postgres;

--
-- TOC entry 231 (class 1259 OID 18988)
-- Dependencies: 10 230
-- Name: part_2_1; Type: TABLE; Schema: app; Owner: postgres; Tablespace: nasty_space
-- Data Pos: 0
--

CREATE TABLE app.part_2_1 (
    id integer NOT NULL,
    d date NOT NULL
);


ALTER TABLE app.part_2_1 OWNER TO postgres;

SET default_tablespace = '';

--
-- TOC entry 238 (class 1259 OID 19054)
-- Dependencies: 10
-- Name: rls; Type: TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE TABLE app.rls (
    id integer,
    owner name
);

ALTER TABLE ONLY app.rls FORCE ROW LEVEL SECURITY;


ALTER TABLE app.rls OWNER TO postgres;

--
-- TOC entry 239 (class 1259 OID 19070)
-- Dependencies: 10
-- Name: seq; Type: SEQUENCE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE SEQUENCE app.seq
    START WITH 5
    INCREMENT BY 7
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE app.seq OWNER TO postgres;

--
-- TOC entry 241 (class 1259 OID 19072)
-- Dependencies: 10
-- Name: unl; Type: TABLE; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE UNLOGGED TABLE app.unl (
    id bigint NOT NULL
);

ALTER TABLE ONLY app.unl REPLICA IDENTITY FULL;


ALTER TABLE app.unl OWNER TO postgres;

--
-- TOC entry 240 (class 1259 OID 19071)
-- Dependencies: 241 10
-- Name: unl_id_seq; Type: SEQUENCE; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE app.unl ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME app.unl_id_seq
    START WITH 10
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- TOC entry 235 (class 1259 OID 19031)
-- Dependencies: 221 221 221 221 221 1146 1149 10
-- Name: v1; Type: VIEW; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE VIEW app.v1 AS
 SELECT customer.id,
    customer.name,
    customer.m,
    customer.p,
    customer.up
   FROM app.customer;


ALTER TABLE app.v1 OWNER TO postgres;

--
-- TOC entry 236 (class 1259 OID 19035)
-- Dependencies: 235 10
-- Name: v2; Type: VIEW; Schema: app; Owner: postgres
-- Data Pos: 0
--

CREATE VIEW app.v2 WITH (security_barrier='true') AS
 SELECT v1.id,
    'text
--
-- TOC entry 3 (class 1259 OID 1)
-- Name: x; Type: TABLE; Schema: public; Owner: -
--
SET default_tablespace = '''';
'::text AS t
   FROM app.v1;


ALTER TABLE app.v2 OWNER TO postgres;

--
-- TOC entry 244 (class 1259 OID 19089)
-- Dependencies: 9
-- Name: log; Type: TABLE; Schema: audit; Owner: nasty_owner
-- Data Pos: 0
--

CREATE TABLE audit.log (
    id bigint NOT NULL,
    c integer
);


ALTER TABLE audit.log OWNER TO nasty_owner;

--
-- TOC entry 243 (class 1259 OID 19088)
-- Dependencies: 244 9
-- Name: log_id_seq; Type: SEQUENCE; Schema: audit; Owner: nasty_owner
-- Data Pos: 0
--

CREATE SEQUENCE audit.log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE audit.log_id_seq OWNER TO nasty_owner;

--
-- TOC entry 3920 (class 0 OID 0)
-- Dependencies: 243
-- Name: log_id_seq; Type: SEQUENCE OWNED BY; Schema: audit; Owner: nasty_owner
-- Data Pos: 0
--

ALTER SEQUENCE audit.log_id_seq OWNED BY audit.log.id;


--
-- TOC entry 224 (class 1259 OID 18951)
-- Name: new line; Type: VIEW -- TOC entry 5 (class 1 OID 1); Type: TABLE; Schema: public; Owner: postgres
-- Data Pos: 0
--

CREATE TABLE public."new
line; Type: VIEW
-- TOC entry 5 (class 1 OID 1)" (
    a integer,
    "c; d" text
);


ALTER TABLE public."new
line; Type: VIEW
-- TOC entry 5 (class 1 OID 1)" OWNER TO postgres;

--
-- TOC entry 3685 (class 0 OID 0)
-- Dependencies: 229 228
-- Name: part_1; Type: TABLE ATTACH; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.part ATTACH PARTITION app.part_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');


--
-- TOC entry 3686 (class 0 OID 0)
-- Dependencies: 230 228
-- Name: part_2; Type: TABLE ATTACH; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.part ATTACH PARTITION app.part_2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');


--
-- TOC entry 3687 (class 0 OID 0)
-- Dependencies: 231 230
-- Name: part_2_1; Type: TABLE ATTACH; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.part_2 ATTACH PARTITION app.part_2_1 DEFAULT;


--
-- TOC entry 3690 (class 2604 OID 18943)
-- Dependencies: 223 222 223
-- Name: Name: x; Type: TABLE; Schema: public; Owner: nobody id; Type: DEFAULT; Schema: Odd; Schema - x; Owner: Odd; Role
-- Data Pos: 0
--

ALTER TABLE ONLY "Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody" ALTER COLUMN id SET DEFAULT nextval('"Odd; Schema - x"."Name: x; Type: TABLE; Schema: public; Owner: nobody_id_seq"'::regclass);


--
-- TOC entry 3691 (class 2604 OID 19006)
-- Dependencies: 1146 232
-- Name: child m; Type: DEFAULT; Schema: app; Owner: postgres
-- Data Pos: 0
--

ALTER TABLE ONLY app.child ALTER COLUMN m SET DEFAULT 'a;b'::app.mood;


--
-- TOC entry 3693 (class 2604 OID 19092)
-- Dependencies: 244 243 244
-- Name: log id; Type: DEFAULT; Schema: audit; Owner: nasty_owner
-- Data Pos: 0
--

ALTER TABLE ONLY audit.log ALTER COLUMN id SET DEFAULT nextval('audit.log_id_seq'::regclass);


--
-- TOC entry 3905 (class 0 OID 0)
-- Dependencies: 10
-- Name: SCHEMA app; Type: ACL; Schema: -; Owner: postgres
-- Data Pos: 0
--

GRANT USAGE ON SCHEMA app TO PUBLIC;


--
-- TOC entry 3909 (class 0 OID 0)
-- Dependencies: 510
-- Name: FUNCTION tricky(); Type: ACL; Schema: app; Owner: postgres
-- Data Pos: 0
--

REVOKE ALL ON FUNCTION app.tricky() FROM PUBLIC;


--
-- TOC entry 3914 (class 0 OID 0)
-- Dependencies: 221
-- Name: TABLE customer; Type: ACL; Schema: app; Owner: postgres
-- Data Pos: 0
--

GRANT SELECT ON TABLE app.customer TO "Odd; Role" WITH GRANT OPTION;


--
-- TOC entry 3915 (class 0 OID 0)
-- Dependencies: 232
-- Name: COLUMN child.id; Type: ACL; Schema: app; Owner: postgres
-- Data Pos: 0
--

GRANT SELECT(id) ON TABLE app.child TO PUBLIC;


--
-- TOC entry 3916 (class 0 OID 0)
-- Dependencies: 232
-- Name: COLUMN child.name; Type: ACL; Schema: app; Owner: postgres
-- Data Pos: 0
--

GRANT UPDATE(name) ON TABLE app.child TO PUBLIC;


--
-- TOC entry 3917 (class 0 OID 0)
-- Dependencies: 220
-- Name: SEQUENCE customer_id_seq; Type: ACL; Schema: app; Owner: postgres
-- Data Pos: 0
--

GRANT ALL ON SEQUENCE app.customer_id_seq TO nasty_owner;


--
-- TOC entry 3918 (class 0 OID 0)
-- Dependencies: 239
-- Name: SEQUENCE seq; Type: ACL; Schema: app; Owner: postgres
-- Data Pos: 0
--

GRANT ALL ON SEQUENCE app.seq TO nasty_owner;


--
-- TOC entry 3919 (class 0 OID 0)
-- Dependencies: 240
-- Name: SEQUENCE unl_id_seq; Type: ACL; Schema: app; Owner: postgres
-- Data Pos: 0
--

GRANT ALL ON SEQUENCE app.unl_id_seq TO nasty_owner;


-- Completed on 2026-11-21 02:02:12 UTC

--
-- PostgreSQL database dump complete
--

\unrestrict relp6tPT2NuhCX32tKnXM7OZbEuKUkoNthlLycAVF5jBfPB2xR6HRIi33S9bjer

