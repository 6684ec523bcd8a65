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
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'replicator') THEN
    CREATE ROLE "replicator";
  END IF;
END $ninefold$;
ALTER ROLE "replicator" WITH LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD NULL;
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rewind') THEN
    CREATE ROLE "rewind";
  END IF;
END $ninefold$;
ALTER ROLE "rewind" WITH LOGIN NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD NULL;
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgbouncer') THEN
    CREATE ROLE "pgbouncer";
  END IF;
END $ninefold$;
ALTER ROLE "pgbouncer" WITH LOGIN NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD NULL;
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'backup') THEN
    CREATE ROLE "backup";
  END IF;
END $ninefold$;
ALTER ROLE "backup" WITH LOGIN NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD NULL;
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'monitor') THEN
    CREATE ROLE "monitor";
  END IF;
END $ninefold$;
ALTER ROLE "monitor" WITH LOGIN NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD NULL;
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'probe') THEN
    CREATE ROLE "probe";
  END IF;
END $ninefold$;
ALTER ROLE "probe" WITH LOGIN CONNECTION LIMIT 20 NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD 'SCRAM-SHA-256$4096:9anQRGmvPeJnocyTi+wesg==$XuOxPKA7QfhXKLcXRrexXw2HL/kYQSlLImJQT0jPoYc=:bikyXXEJUbUzsiZw9MOSpg+i12I3d1ba+V3dSzSqII8=';
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'app') THEN
    CREATE ROLE "app";
  END IF;
END $ninefold$;
ALTER ROLE "app" WITH LOGIN CONNECTION LIMIT -1 NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD 'SCRAM-SHA-256$4096:DDzNsz5bxcl/7zsOg3MIZQ==$5wCt2VizaTgSTCYCZTKZiYHIYuEp45ZoMhC+zeoWxuY=:cf95b9ALH4j6/r1jN0ToOFSkzCrJ7WhutArF0DwJR94=';
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'hive') THEN
    CREATE ROLE "hive";
  END IF;
END $ninefold$;
ALTER ROLE "hive" WITH LOGIN CONNECTION LIMIT -1 NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD 'SCRAM-SHA-256$4096:3BVkqVOGdmdEIy503Gzbag==$0NpeJdnGFjEu0KWG4xNB9GUo9IwcLlUv0W9cGOwOPUI=:cMAgQf1v6CPiXWAquAuieiOwQNjpXxuJI71cBlbiQzE=';
INSERT INTO pgbouncer.verifiers AS known SELECT rolname, rolpassword FROM pg_catalog.pg_authid
  WHERE rolname IN ('probe', 'app', 'hive')
  ON CONFLICT (name) DO UPDATE SET verifier = excluded.verifier WHERE known.verifier <> excluded.verifier;
DELETE FROM pgbouncer.verifiers WHERE name NOT IN ('probe', 'app', 'hive');
COMMIT;
