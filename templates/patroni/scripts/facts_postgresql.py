"""PostgreSQL on this node, as the user `monitor` sees it."""

import json

from facts_asking import as_user

# reset_val is the value that a new session gets. For some settings, this session's value differs, because it uses a
# local socket.
QUERY = """
SELECT json_build_object(
  'recovery', pg_is_in_recovery(),
  'timeline', CASE WHEN pg_is_in_recovery() THEN (SELECT received_tli FROM pg_stat_wal_receiver)
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
  'lsn', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0',
  'received', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() - '0/0' END,
  'settings', (
    SELECT json_object_agg(name, json_build_object(
      'value', reset_val, 'unit', unit, 'type', vartype, 'pending', pending_restart))
    FROM pg_settings WHERE source <> 'default'),
  'replicas', (
    SELECT coalesce(json_agg(json_build_object(
      'name', application_name, 'state', state, 'sync', sync_state, 'replayed', replay_lsn - '0/0')), '[]')
    FROM pg_stat_replication WHERE usename = 'replicator'),
  'slots', (
    SELECT coalesce(json_agg(json_build_object(
      'name', slot_name, 'type', slot_type, 'active', active, 'status', wal_status)), '[]')
    FROM pg_replication_slots WHERE NOT temporary),
  'archiver', (
    SELECT json_build_object(
      'archived', archived_count, 'failed', failed_count,
      'lastArchivedAt', extract(epoch FROM last_archived_time),
      'lastFailedAt', extract(epoch FROM last_failed_time))
    FROM pg_stat_archiver),
  'waiting', (
    SELECT json_build_object('segments', count(*), 'oldest', extract(epoch FROM min(modification)))
    FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'),
  'databases', (
    SELECT json_agg(json_build_object('name', datname, 'owner', rolname))
    FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE NOT datistemplate),
  'roles', (
    SELECT json_agg(json_build_object(
      'name', rolname, 'login', rolcanlogin, 'superuser', rolsuper, 'replication', rolreplication,
      'createRole', rolcreaterole, 'createDb', rolcreatedb))
    FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%'),
  -- An `up` installs these scripts before the function, so it may not exist yet.
  'changedPasswords', (
    SELECT coalesce(json_agg(name), '[]') FROM unnest(CASE WHEN EXISTS (
      SELECT FROM pg_proc JOIN pg_namespace schema ON schema.oid = pronamespace
      WHERE nspname = 'ninefold' AND proname = 'changed_passwords')
      THEN xpath('//name/text()', query_to_xml('SELECT name FROM ninefold.changed_passwords() AS name', false, false, ''))
      END::text[]) AS name),
  'xidAge', (SELECT max(age(datfrozenxid)) FROM pg_database))
"""


def collect(wanted: dict) -> dict:
    psql = ("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "monitor", "-d", "dbname=postgres requirepeer=postgres")
    return json.loads(as_user("postgres", *psql, "-p", str(wanted["port"]), "-c", QUERY))
