DO $fdwcopy$
BEGIN
    EXECUTE pg_catalog.format(
        'CREATE ROLE %I LOGIN NOINHERIT {bypass} CONNECTION LIMIT {connections} PASSWORD %L VALID UNTIL %L',
        {role}, {verifier}, pg_catalog.now() + interval '7 days');
    IF NOT pg_catalog.has_database_privilege({role}, current_database(), 'CONNECT') THEN
        EXECUTE pg_catalog.format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), {role});
    END IF;
END
$fdwcopy$
