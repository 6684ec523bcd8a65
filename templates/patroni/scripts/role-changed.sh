#!/usr/bin/env bash
# role-changed ACTION ROLE SCOPE: Patroni calls this when the node's role changes. It touches a file, whose time
# pgbouncer-watch reads. After a demotion, the watch closes the connections of clients: a pool such as HikariCP would keep
# one that has become read-only. After a promotion, it makes PgBouncer reconnect, so that clients no longer get the
# parameters of a replica; and segments of the old leader that the archive lacks are marked, so that PostgreSQL archives
# them.
set -euo pipefail
case $2 in
  replica | demoted) touch /run/postgresql/demoted ;;
  primary | promoted | master)
    # Patroni calls this before the promotion has ended, and the watch acts only once per note.
    # shellcheck source=/dev/null
    source /usr/local/lib/ninefold/node.env
    for _ in {1..300}; do
      [[ $(PGREQUIREPEER=postgres psql -XAtq -h /run/postgresql -p "$POSTGRES_PORT" -d postgres -c 'SELECT pg_is_in_recovery()' 2>/dev/null) != f ]] || break
      sleep 0.1
    done
    touch /run/postgresql/promoted
    /usr/local/lib/ninefold/deliver-wal promoted
    ;;
esac
