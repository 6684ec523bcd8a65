#!/usr/bin/env bash
# databases [remove]: users and databases. The leader's step creates them. The steps of the other nodes wait until they
# have been replicated, so it doesn't matter which node leads.
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
  # PostgreSQL has this parameter from version 17 on.
  [[ $(sql -c "SELECT current_setting('transaction_timeout', true) IS NOT NULL") != t ]] ||
    [[ $PGOPTIONS == *transaction_timeout=0* ]] || PGOPTIONS+=' -c transaction_timeout=0'
  sql -c "DELETE FROM ninefold.applied WHERE what = 'databases refused'" >/dev/null 2>&1 || true
  sql -f /etc/ninefold/sql/roles.sql -f /etc/ninefold/sql/databases.sql 2>&1 && note databases
}
# Whether the leader has noted that PostgreSQL refused this change, so that the other nodes don't wait for it. The
# leader's step removes the note of an earlier run when it begins.
refused() {
  [[ $(sql -c "SELECT digest FROM ninefold.applied WHERE what = 'databases refused'" 2>/dev/null) == "$change" ]]
}

# Applies the statements on the leader, or waits for them on other nodes. If a statement fails because this node has just
# lost the leadership, the new leader applies them.
apply_or_wait() {
  local began=$EPOCHSECONDS end=${NINEFOLD_DEADLINE:-$((EPOCHSECONDS + 900))} output since=0
  until applied; do
    if leads; then
      if ! output=$(apply) && leads; then
        note 'databases refused' >/dev/null || true
        fail 'databases: PostgreSQL refused a statement' "$(tail -n 5 <<<"$output")" \
          "look at: databases in the description; then run 'pulumi up' again"
      fi
    elif ((EPOCHSECONDS - began >= 10)) && catches_up "$NODE" "$PATRONI_ENDPOINT"; then
      echo 'this node catches up from the archive: the step does not wait for users and databases, which arrive later'
      return
    elif ! refused; then
      since=0
    elif ((since == 0)); then
      since=$EPOCHSECONDS
    elif ((EPOCHSECONDS - since >= 10)); then
      fail 'databases: PostgreSQL refused a statement on the leader' "see the error of the leader's step"
    fi
    ((EPOCHSECONDS < end)) || fail "databases: users and databases did not reach this node within the step's timeout" \
      "the leader's step creates them, and replication brings them here" "look at: $where; then run 'pulumi up' again"
    sleep 0.2
  done
}

# A user may have changed its own password in PostgreSQL, so that PgBouncer can no longer log in for it. This makes the
# leader apply the statements again.
reapply_changed_passwords() {
  sql -c "DELETE FROM ninefold.applied WHERE what = 'databases' AND EXISTS (SELECT FROM ninefold.changed_passwords())" \
    >/dev/null 2>&1 || true
}

if [[ -n $(pending databases) ]]; then
  ! leads || reapply_changed_passwords
  apply_or_wait
  record databases
fi
