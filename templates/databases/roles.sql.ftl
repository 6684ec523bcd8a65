-- This file contains verifiers, never passwords. The settings keep them out of PostgreSQL's log and statistics.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off;
SET password_encryption = 'scram-sha-256';
-- The passwords that the pools accept. A user can change its own password in PostgreSQL, but not here.
CREATE SCHEMA IF NOT EXISTS pgbouncer;
CREATE TABLE IF NOT EXISTS pgbouncer.verifiers (name name PRIMARY KEY, verifier text NOT NULL);
REVOKE ALL ON pgbouncer.verifiers FROM PUBLIC;
BEGIN;
-- The cluster's own users log in with certificates, or through the machine's own socket.
<#-- Attributes that a role must not have are set too, because an existing role may have them. -->
<#assign ordinary = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS">
<#list clusterRoles as name>
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
INSERT INTO pgbouncer.verifiers AS known SELECT rolname, rolpassword FROM pg_catalog.pg_authid
  WHERE rolname IN (<#list roles as role>'${role.name}'<#sep>, </#list>)
  ON CONFLICT (name) DO UPDATE SET verifier = excluded.verifier WHERE known.verifier <> excluded.verifier;
DELETE FROM pgbouncer.verifiers WHERE name NOT IN (<#list roles as role>'${role.name}'<#sep>, </#list>);
COMMIT;
