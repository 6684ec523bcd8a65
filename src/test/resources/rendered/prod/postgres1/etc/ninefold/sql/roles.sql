-- Verifiers, never passwords; and none of them in PostgreSQL's log or statistics.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off;
SET password_encryption = 'scram-sha-256';
-- The cluster's own users come by their certificates, or over the machine's own socket.
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
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'app') THEN
    CREATE ROLE "app";
  END IF;
END $ninefold$;
ALTER ROLE "app" WITH LOGIN CONNECTION LIMIT -1 NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD 'SCRAM-SHA-256$4096:pvAfij1qaYCJxuDV3ydSpg==$nlMknWRImQpOmpjNoSg/6LTOhkWAffAUeGPn6hw93Rs=:3yvw6pxcsLRpRuvFu+F0TGxUOoJqyL6fFazvKjf3uVI=';
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'hive') THEN
    CREATE ROLE "hive";
  END IF;
END $ninefold$;
ALTER ROLE "hive" WITH LOGIN CONNECTION LIMIT -1 NOREPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD 'SCRAM-SHA-256$4096:yQzg4XHfgm8ISZQdlTDH9g==$WBOlGq93RuC3icSwN3w6u1pFZSYdYEaEVHQ2ySP138c=:JNkD1hvq02cLP46JFOcoj8BVWG/jCVFD4TKHzHMbiw4=';
