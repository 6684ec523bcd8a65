-- Verifiers, never passwords; and none of them in PostgreSQL's log or statistics.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off;
SET password_encryption = 'scram-sha-256';
-- The cluster's own users come by their certificates, or over the machine's own socket.
<#-- What a role must not be is said too: one that was there before may be more. -->
<#assign ordinary = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS">
<#list ["replicator", "rewind", "pgbouncer", "backup", "monitor"] as name>
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${name}') THEN
    CREATE ROLE "${name}";
  END IF;
END $ninefold$;
ALTER ROLE "${name}" WITH LOGIN ${(name == "replicator")?then("REPLICATION", "NOREPLICATION")} ${ordinary} PASSWORD NULL;
</#list>
<#list roles as role>
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${role.name}') THEN
    CREATE ROLE "${role.name}";
  END IF;
END $ninefold$;
ALTER ROLE "${role.name}" WITH ${role.attributes} NOREPLICATION ${ordinary} PASSWORD '${role.verifier}';
</#list>
