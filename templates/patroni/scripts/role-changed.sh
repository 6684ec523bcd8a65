#!/usr/bin/env bash
# role-changed ACTION ROLE SCOPE: called by Patroni; tells the watch over PgBouncer, which reads when a note was written. A node that leads no
# more has its clients cut: a pool such as HikariCP would keep a connection that turned read-only. On one
# that leads now PgBouncer forgets what it told clients of a replica.
set -euo pipefail
case $2 in
  replica | demoted) touch /run/postgresql/demoted ;;
  primary | promoted | master)
    # Patroni calls before the promotion is over; the watch acts once.
    # shellcheck source=/dev/null
    source /usr/local/lib/ninefold/node.env
    for _ in {1..300}; do
      [[ $(PGREQUIREPEER=postgres psql -XAtq -h /run/postgresql -p "$POSTGRES_PORT" -d postgres -c 'SELECT pg_is_in_recovery()' 2>/dev/null) != f ]] || break
      sleep 0.1
    done
    touch /run/postgresql/promoted
    ;;
esac
