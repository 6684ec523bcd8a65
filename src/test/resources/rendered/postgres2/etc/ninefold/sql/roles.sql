-- Verifiers, never passwords; and none of them in PostgreSQL's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET password_encryption = 'scram-sha-256';
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'replicator') THEN
    CREATE ROLE "replicator";
  END IF;
END $ninefold$;
ALTER ROLE "replicator" WITH LOGIN REPLICATION PASSWORD 'SCRAM-SHA-256$4096:CamLn3cBVZqBPnPsDO5qcQ==$DCe4YNv7Sz9KD8azLWrytUG1nGLEo/CW2ShXvBR9fQQ=:/hY5NThdll3QMARx6kafNp7DbR3wgkSc/Y/9YZauSck=';
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rewind') THEN
    CREATE ROLE "rewind";
  END IF;
END $ninefold$;
ALTER ROLE "rewind" WITH LOGIN PASSWORD 'SCRAM-SHA-256$4096:DEs4gnBLlvshY6UHdM4WXg==$KxvF5sdgOfijtG8YJvATBqoUPuTkvYMtiFGIOllS1k4=:aztyLcXXX350yDSL2Kimp2fsExH6QW3Yni+ztujlRMM=';
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgbouncer') THEN
    CREATE ROLE "pgbouncer";
  END IF;
END $ninefold$;
ALTER ROLE "pgbouncer" WITH LOGIN PASSWORD 'SCRAM-SHA-256$4096:+qVmz9VNIvQpGTdXbRdkXg==$Vq3uaxqT6RripjWI8Yy0muMqjR+94Z2117FDno1SgoA=:yZl58hEToPiXfc58WN9MC/ph75OB0GFmaOuZsU24k/E=';
DO $ninefold$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'app') THEN
    CREATE ROLE "app";
  END IF;
END $ninefold$;
ALTER ROLE "app" WITH LOGIN CONNECTION LIMIT -1 PASSWORD 'SCRAM-SHA-256$4096:DDzNsz5bxcl/7zsOg3MIZQ==$5wCt2VizaTgSTCYCZTKZiYHIYuEp45ZoMhC+zeoWxuY=:cf95b9ALH4j6/r1jN0ToOFSkzCrJ7WhutArF0DwJR94=';
