-- The functions and privileges of the cluster's own users, such as PgBouncer's look-up of verifiers.
CREATE SCHEMA IF NOT EXISTS pgbouncer;
REVOKE ALL ON SCHEMA pgbouncer FROM PUBLIC;
GRANT USAGE ON SCHEMA pgbouncer TO pgbouncer;
-- If search_path does not contain pg_temp, PostgreSQL searches it first: a view of the caller would hide a table.
CREATE OR REPLACE FUNCTION pgbouncer.verifier(wanted text, OUT name text, OUT verifier text)
  RETURNS record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT known.name::pg_catalog.text, known.verifier
   FROM pgbouncer.verifiers AS known JOIN pg_catalog.pg_authid AS role ON role.rolname = known.name
   WHERE known.name = wanted AND role.rolcanlogin AND NOT role.rolsuper AND NOT role.rolreplication
     -- PgBouncer's server connections are already open, so PostgreSQL does not check whether the password has expired.
     AND (role.rolvaliduntil IS NULL OR role.rolvaliduntil > pg_catalog.now())
     -- PgBouncer would treat any other text as a plain password, and accept a client that sends that text.
     AND known.verifier LIKE 'SCRAM%' $$;
REVOKE ALL ON FUNCTION pgbouncer.verifier(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pgbouncer.verifier(text) TO pgbouncer;
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) TO rewind;
GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO rewind;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO rewind;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO rewind;
-- For a checkpoint before a switchover, which a step on any database node may request.
GRANT pg_checkpoint TO rewind;
-- The functions that pgBackRest calls. It reads the files itself.
GRANT pg_read_all_settings, pg_checkpoint TO backup;
GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean) TO backup;
GRANT EXECUTE ON FUNCTION pg_backup_stop(boolean) TO backup;
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO backup;
GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO backup;
GRANT pg_monitor TO monitor;
-- A database without data: a write and a read there prove that a client's path works.
SELECT 'CREATE DATABASE ninefold TEMPLATE template0' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'ninefold') \gexec
REVOKE ALL ON DATABASE ninefold FROM PUBLIC;
GRANT CONNECT ON DATABASE ninefold TO probe;
\connect ninefold
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
\connect postgres
-- A copy of template1 does not inherit these privileges: they are revoked in each database.
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO pgbouncer, rewind, backup, monitor;
CREATE SCHEMA IF NOT EXISTS ninefold;
CREATE TABLE IF NOT EXISTS ninefold.applied (
  what text PRIMARY KEY,
  digest text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
-- The users whose password in PostgreSQL differs from the one that the pools have: the pools cannot log in for them.
CREATE OR REPLACE FUNCTION ninefold.changed_passwords() RETURNS SETOF name
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT known.name FROM pgbouncer.verifiers AS known JOIN pg_catalog.pg_authid AS role ON role.rolname = known.name
   WHERE role.rolpassword IS DISTINCT FROM known.verifier $$;
REVOKE ALL ON FUNCTION ninefold.changed_passwords() FROM PUBLIC;
GRANT USAGE ON SCHEMA ninefold TO monitor;
GRANT EXECUTE ON FUNCTION ninefold.changed_passwords() TO monitor;
