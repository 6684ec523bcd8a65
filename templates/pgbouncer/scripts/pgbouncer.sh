#!/usr/bin/env bash
# pgbouncer [remove]: the PgBouncer in front of this machine's PostgreSQL, and pgbouncer-watch.
source /usr/local/lib/ninefold/lib.sh

readonly where='journalctl -u pgbouncer'

if [[ ${1:-} == remove ]]; then
  stop_units pgbouncer-watch pgbouncer-hand-over.socket pgbouncer
  forget pgbouncer
  rm -f -- "$state/pgbouncer.running"
  reload_unit_files pgbouncer pgbouncer-watch pgbouncer-hand-over.socket
  exit
fi

# Prints the settings that PgBouncer reads only when it starts.
fixed() { grep -E '^(listen_addr|listen_port|listen_backlog|unix_socket_dir|pidfile|logfile)' /etc/pgbouncer/pgbouncer.ini 2>/dev/null || true; }
answers() { /usr/local/lib/ninefold/pgbouncer-answers "$address" "$port" $((3 * patience)); }

receive
place
read -r address port < <(header listen)
todo=$(pending pgbouncer)
if [[ -n $todo || $(systemctl is-active pgbouncer) != active ]]; then
  reload_unit_files pgbouncer pgbouncer-watch pgbouncer-hand-over.socket
  unit enable pgbouncer pgbouncer-watch pgbouncer-hand-over.socket
  # Tries twice: the watch may kill PgBouncer meanwhile, if this node has just lost the leadership.
  if [[ $(systemctl is-active pgbouncer) != active ]]; then
    upgrade pgbouncer
    (unit start pgbouncer) 2>/dev/null || unit start pgbouncer
  elif needs_restart "$todo" || [[ $(fixed) != "$(cat -- "$state/pgbouncer.running" 2>/dev/null)" ]]; then
    upgrade pgbouncer
    (unit restart pgbouncer) 2>/dev/null || unit start pgbouncer
    echo 'restarted pgbouncer'
  else
    (unit reload pgbouncer) 2>/dev/null || unit start pgbouncer
    echo 'reloaded pgbouncer'
  fi
  if grep -q 'hand-over.socket' <<<"$todo"; then
    unit restart pgbouncer-hand-over.socket
  else
    unit start pgbouncer-hand-over.socket
  fi
  if grep -q 'watch\|asking' <<<"$todo"; then
    unit restart pgbouncer-watch
  else
    unit start pgbouncer-watch
  fi
  wait_for 30 'pgbouncer: it answers' "$where" answers
  require_effect pgbouncer /usr/local/lib/ninefold/pgbouncer-effective
  fixed >"$state/pgbouncer.running"
  record pgbouncer
fi
