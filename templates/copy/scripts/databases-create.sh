#!/usr/bin/env bash
# databases-create: creates the databases of the description that the leader lacks, with their owner, extensions and
# settings, from the file of the step `databases`.
source /usr/local/lib/ninefold/patroni-api.sh

export PGOPTIONS=$superusers_session
sql() { cd / && runuser -u postgres -- psql -X -q -A -t -v ON_ERROR_STOP=1 -p "$POSTGRES_PORT" -d postgres "$@"; }
# PostgreSQL has this parameter from version 17 on.
[[ $(sql -c "SELECT current_setting('transaction_timeout', true) IS NOT NULL") != t ]] || PGOPTIONS+=' -c transaction_timeout=0'
output=$(sql -f /etc/ninefold/sql/databases.sql 2>&1) ||
  fail 'databases: PostgreSQL refused a statement; nothing was loaded' "$(tail -n 5 <<<"$output")" "look at: $where"
