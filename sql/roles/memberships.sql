SELECT role.rolname::text AS role, member.rolname::text AS member, m.admin_option AS admin,
       (pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean AS inherit,
       (pg_catalog.to_jsonb(m) ->> 'set_option')::boolean AS set_role,
       -- 10 is the superuser that initdb made: he is every superuser's grantor.
       CASE WHEN m.grantor <> 10 THEN grantor.rolname::text END AS grantor
  FROM pg_catalog.pg_auth_members m
  JOIN pg_catalog.pg_roles role ON role.oid = m.roleid
  JOIN pg_catalog.pg_roles member ON member.oid = m.member
  LEFT JOIN pg_catalog.pg_roles grantor ON grantor.oid = m.grantor
 WHERE member.rolname::text = ANY ($1)
 ORDER BY role.rolname, member.rolname, grantor.rolname
