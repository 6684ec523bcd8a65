-- Without its library, pgaudit's event triggers refuse every DDL statement. They can be turned off from PostgreSQL 17 on.
SELECT 'SET event_triggers = off' WHERE current_setting('event_triggers', true) IS NOT NULL
  AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit')
  AND current_setting('shared_preload_libraries') !~ 'pgaudit' \gexec
SELECT 'DROP EXTENSION pgaudit' WHERE EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit')
  AND current_setting('shared_preload_libraries') !~ 'pgaudit' \gexec
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
-- The strings below are quoted for this setting; the cluster's may differ.
SET standard_conforming_strings = on;
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LOCALE %L',
              'app', 'app', 'UTF8', 'C.UTF-8')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'app') \gexec
-- An earlier drop that failed may have left it closed.
ALTER DATABASE "app" ALLOW_CONNECTIONS true;
\connect "app"
-- Without its library, pgaudit's event triggers refuse every DDL statement. They can be turned off from PostgreSQL 17 on.
SELECT 'SET event_triggers = off' WHERE current_setting('event_triggers', true) IS NOT NULL
  AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit')
  AND current_setting('shared_preload_libraries') !~ 'pgaudit' \gexec
SELECT 'DROP EXTENSION pgaudit' WHERE EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit')
  AND current_setting('shared_preload_libraries') !~ 'pgaudit' \gexec
DO $ninefold$
DECLARE
  existing record;
  other name;
BEGIN
  SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS locale, datdba AS owner,
         rolname AS owner_name, rolsuper AS superuser,
         ARRAY(SELECT datname FROM pg_database WHERE datdba = d.datdba AND oid <> d.oid) AS others
    INTO STRICT existing
    FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE datname = current_database();
  IF pg_char_to_encoding(existing.encoding) <> pg_char_to_encoding('UTF8')
     OR lower(replace(existing.locale, '-', '')) <> lower(replace('C.UTF-8', '-', '')) THEN
    RAISE EXCEPTION 'database app was created with encoding % and locale %, which cannot change',
      existing.encoding, existing.locale
      USING HINT = 'Write them into the description, or move the data into a new database.';
  END IF;
  -- A new owner takes over the old owner's objects in this database only.
  IF existing.owner_name <> 'app' AND NOT existing.superuser THEN
    EXECUTE format('REASSIGN OWNED BY %I TO "app"', existing.owner_name);
    EXECUTE format('REVOKE ALL ON DATABASE "app" FROM %I', existing.owner_name);
    FOREACH other IN ARRAY existing.others LOOP
      EXECUTE format('ALTER DATABASE %I OWNER TO %I', other, existing.owner_name);
    END LOOP;
  END IF;
END $ninefold$;
BEGIN;
ALTER DATABASE "app" OWNER TO "app";
REVOKE CONNECT, TEMPORARY ON DATABASE "app" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE "app" TO "app";
ALTER DATABASE "app" RESET ALL;
COMMIT;
-- The database's owner may have dropped the schema.
SELECT 'ALTER SCHEMA public OWNER TO "app"'
WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') \gexec
\connect postgres
-- The strings below are quoted for this setting; the cluster's may differ.
SET standard_conforming_strings = on;
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LOCALE %L',
              'metastore', 'hive', 'UTF8', 'C.UTF-8')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'metastore') \gexec
-- An earlier drop that failed may have left it closed.
ALTER DATABASE "metastore" ALLOW_CONNECTIONS true;
\connect "metastore"
-- Without its library, pgaudit's event triggers refuse every DDL statement. They can be turned off from PostgreSQL 17 on.
SELECT 'SET event_triggers = off' WHERE current_setting('event_triggers', true) IS NOT NULL
  AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit')
  AND current_setting('shared_preload_libraries') !~ 'pgaudit' \gexec
SELECT 'DROP EXTENSION pgaudit' WHERE EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit')
  AND current_setting('shared_preload_libraries') !~ 'pgaudit' \gexec
DO $ninefold$
DECLARE
  existing record;
  other name;
BEGIN
  SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS locale, datdba AS owner,
         rolname AS owner_name, rolsuper AS superuser,
         ARRAY(SELECT datname FROM pg_database WHERE datdba = d.datdba AND oid <> d.oid) AS others
    INTO STRICT existing
    FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE datname = current_database();
  IF pg_char_to_encoding(existing.encoding) <> pg_char_to_encoding('UTF8')
     OR lower(replace(existing.locale, '-', '')) <> lower(replace('C.UTF-8', '-', '')) THEN
    RAISE EXCEPTION 'database metastore was created with encoding % and locale %, which cannot change',
      existing.encoding, existing.locale
      USING HINT = 'Write them into the description, or move the data into a new database.';
  END IF;
  -- A new owner takes over the old owner's objects in this database only.
  IF existing.owner_name <> 'hive' AND NOT existing.superuser THEN
    EXECUTE format('REASSIGN OWNED BY %I TO "hive"', existing.owner_name);
    EXECUTE format('REVOKE ALL ON DATABASE "metastore" FROM %I', existing.owner_name);
    FOREACH other IN ARRAY existing.others LOOP
      EXECUTE format('ALTER DATABASE %I OWNER TO %I', other, existing.owner_name);
    END LOOP;
  END IF;
END $ninefold$;
BEGIN;
ALTER DATABASE "metastore" OWNER TO "hive";
REVOKE CONNECT, TEMPORARY ON DATABASE "metastore" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE "metastore" TO "hive";
ALTER DATABASE "metastore" RESET ALL;
ALTER DATABASE "metastore" SET idle_in_transaction_session_timeout TO '0';
COMMIT;
-- The database's owner may have dropped the schema.
SELECT 'ALTER SCHEMA public OWNER TO "hive"'
WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') \gexec
\connect postgres
