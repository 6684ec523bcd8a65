-- Without its library, pgaudit's event triggers refuse every DDL statement. They can be turned off from PostgreSQL 17 on.
SELECT 'SET event_triggers = off' WHERE current_setting('event_triggers', true) IS NOT NULL
  AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit')
  AND current_setting('shared_preload_libraries') !~ 'pgaudit' \gexec
SELECT 'DROP EXTENSION pgaudit' WHERE EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit')
  AND current_setting('shared_preload_libraries') !~ 'pgaudit' \gexec
