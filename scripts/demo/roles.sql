-- Roles belong to a server, not to a database: both servers get them before anything else.
CREATE ROLE demo_owner NOLOGIN;
CREATE ROLE demo_reader NOLOGIN;
