DO $fdwcopy$
DECLARE
    temporary CONSTANT text := {role};
    id pg_catalog.oid;
    item record;
BEGIN
    SELECT oid INTO id FROM pg_catalog.pg_roles WHERE rolname = temporary;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Who made a role may not yet end its sessions: for that he must be a member of it.
    IF NOT pg_catalog.pg_has_role(id, 'USAGE') THEN
        EXECUTE pg_catalog.format('GRANT %I TO CURRENT_USER', temporary);
    END IF;
    PERFORM pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
      WHERE usesysid = id AND pg_catalog.pg_has_role(id, 'USAGE');
    -- DROP OWNED BY would need more rights than whoever made the role need have.
    FOR item IN
        SELECT pg_catalog.format('TABLE %I.%I', n.nspname, c.relname) AS object, c.relacl AS acl
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        UNION ALL
        SELECT pg_catalog.format('SCHEMA %I', nspname), nspacl FROM pg_catalog.pg_namespace
        UNION ALL
        SELECT pg_catalog.format('DATABASE %I', datname), datacl FROM pg_catalog.pg_database WHERE datname = current_database()
    LOOP
        IF EXISTS (SELECT FROM pg_catalog.aclexplode(item.acl) a WHERE a.grantee = id) THEN
            EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %I', item.object, temporary);
        END IF;
    END LOOP;
    EXECUTE pg_catalog.format('DROP ROLE %I', temporary);
END
$fdwcopy$
