-- Verifiers, never passwords; and none of them in PostgreSQL's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET password_encryption = 'scram-sha-256';
-- The cluster's own users come by their certificates, or over the machine's own socket.
<#list {"replicator": "LOGIN REPLICATION", "rewind": "LOGIN", "pgbouncer": "LOGIN", "backup": "LOGIN", "monitor": "LOGIN"} as name, attributes>
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${name}') THEN
    CREATE ROLE "${name}";
  END IF;
END $ninefold$;
ALTER ROLE "${name}" WITH ${attributes} PASSWORD NULL;
</#list>
<#list roles as role>
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${role.name}') THEN
    CREATE ROLE "${role.name}";
  END IF;
END $ninefold$;
ALTER ROLE "${role.name}" WITH ${role.attributes} PASSWORD '${role.verifier}';
</#list>
