#!/usr/bin/env bash
# databases [remove]: users and databases. The leader's machine makes them; the others wait until they
# have arrived there by replication, so that it doesn't matter which one leads.
source /usr/local/lib/ninefold/patroni-api.sh

if [[ ${1:-} == remove ]]; then
  forget databases
  exit
fi

receive
place
change=$(header change)
port=$POSTGRES_PORT
readonly change port

export PGOPTIONS=$superusers_session
sql() { cd / && runuser -u postgres -- psql -X -q -A -t -v ON_ERROR_STOP=1 -p "$port" -d postgres "$@"; }
leads() { [[ $(sql -c 'SELECT pg_is_in_recovery()' 2>/dev/null) == f ]]; }
applied() {
  [[ $(sql -c "SELECT to_regclass('ninefold.applied') IS NOT NULL" 2>/dev/null) == t ]] &&
    [[ $(sql -c "SELECT digest FROM ninefold.applied WHERE what = 'databases'") == "$change" ]]
}
note() {
  sql -c "INSERT INTO ninefold.applied VALUES ('$1', '$change')
    ON CONFLICT (what) DO UPDATE SET digest = excluded.digest, at = now()" 2>&1
}
apply() {
  # PostgreSQL has it from 17 on.
  [[ $(sql -c "SELECT current_setting('transaction_timeout', true) IS NOT NULL") != t ]] ||
    [[ $PGOPTIONS == *transaction_timeout=0* ]] || PGOPTIONS+=' -c transaction_timeout=0'
  sql -c "DELETE FROM ninefold.applied WHERE what = 'databases refused'" >/dev/null 2>&1 || true
  sql -f /etc/ninefold/sql/roles.sql -f /etc/ninefold/sql/databases.sql 2>&1 && note databases
}
# The leader's note that PostgreSQL refused this very change, so that the others don't wait for it. A note
# from an earlier run goes as the leader's step begins.
refused() {
  [[ $(sql -c "SELECT digest FROM ninefold.applied WHERE what = 'databases refused'" 2>/dev/null) == "$change" ]]
}

# A statement that fails on a node that leads no more is left to the new leader.
make() {
  local began=$EPOCHSECONDS end=${NINEFOLD_DEADLINE:-$((EPOCHSECONDS + 900))} said since=0
  until applied; do
    if leads; then
      if ! said=$(apply) && leads; then
        note 'databases refused' >/dev/null || true
        fail 'databases: PostgreSQL refused a statement' "$(tail -n 5 <<<"$said")" \
          'look at: databases in the description'
      fi
    elif ((EPOCHSECONDS - began >= 10)) && catches_up "$NODE" "$PATRONI_ENDPOINT"; then
      echo 'this node catches up from the archive: the step does not wait for users and databases, which arrive later'
      return
    elif ! refused; then
      since=0
    elif ((since == 0)); then
      since=$EPOCHSECONDS
    elif ((EPOCHSECONDS - since >= 10)); then
      fail 'databases: PostgreSQL refused a statement on the leader' "the leader's step says which"
    fi
    ((EPOCHSECONDS < end)) || fail 'databases: not on this node within the limit of a step' \
      "the leader's machine makes them, and replication brings them here" "look at: $where"
    sleep 0.2
  done
}

# A user may have changed its own password, by which the pools no longer log in for it.
forget_changed_passwords() {
  sql -c "DELETE FROM ninefold.applied WHERE what = 'databases' AND EXISTS (SELECT FROM ninefold.changed_passwords())" \
    >/dev/null 2>&1 || true
}

if [[ -n $(pending databases) ]]; then
  ! leads || forget_changed_passwords
  make
  record databases
fi
