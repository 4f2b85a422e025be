REVOKE {role} FROM {member}{grantor}
