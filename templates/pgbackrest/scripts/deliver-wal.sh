#!/usr/bin/env bash
# deliver-wal promoted: on a new leader, marks the segments of the old leader that the archive lacks, so that PostgreSQL
# archives them. A replica takes for granted that its leader has archived what it streamed.
# deliver-wal returned: on a replica, archives the segments that it wrote as the leader and did not deliver. PostgreSQL
# archives nothing on a replica.
set -euo pipefail
# shellcheck source=/dev/null
source /usr/local/lib/ninefold/node.env
wal=$POSTGRES_DATA/pg_wal

# Prints the archive's segments that begin with $1: a timeline and the high half of a position. Fails without an answer.
archived() {
  local id
  id=$(timeout 10 pgbackrest --stanza="$STANZA" repo-ls "archive/$STANZA" | grep -E '^[0-9]+-[0-9]+$' | sort -t- -k2n | tail -n 1)
  timeout 10 pgbackrest --stanza="$STANZA" repo-ls "archive/$STANZA/$id/$1" | cut -c1-24
}

# Prints the complete segments of earlier timelines, in order. The last segment of a timeline is archived as .partial.
segments_of_earlier_timelines() {
  local newest
  newest=$(find "$wal/" -maxdepth 1 -name '*.history' | sort | tail -n 1)
  [[ -n $newest ]] || return 0
  awk -v folder="$wal" '
    $1 ~ /^[0-9]+$/ { split($2, lsn, "/"); low = sprintf("%08s", lsn[2]); gsub(" ", "0", low)
      high = sprintf("%8s", lsn[1]); gsub(" ", "0", high); fork[sprintf("%08X", $1)] = high "000000" substr(low, 1, 2) }
    END { command = "ls " folder " | grep -E ^[0-9A-F]{24}$"
      while ((command | getline name) > 0) if (substr(name, 1, 8) in fork && substr(name, 9) < fork[substr(name, 1, 8)]) print name }
  ' "$newest" | sort
}

mark_missing() {
  local segment prefix='' known='' answers=yes
  while read -r segment; do
    if [[ ${segment:0:16} != "$prefix" ]]; then
      prefix=${segment:0:16}
      known=$(archived "$prefix" 2>/dev/null) || { answers=''; known=''; }
    fi
    [[ $'\n'$known$'\n' != *$'\n'$segment$'\n'* ]] || continue
    rm -f -- "$wal/archive_status/$segment.done"
    touch -- "$wal/archive_status/$segment.ready"
    echo "deliver-wal: $segment of the old leader is ${answers:+missing in the archive, and }to be archived here"
  done < <(segments_of_earlier_timelines)
}

archive_waiting() {
  local segment
  while read -r segment; do
    [[ -e $wal/$segment ]] || { rm -f -- "$wal/archive_status/$segment.ready"; continue; }
    (cd -- "$POSTGRES_DATA" && /usr/local/lib/ninefold/pgbackrest-push "$STANZA" "pg_wal/$segment")
    mv -f -- "$wal/archive_status/$segment.ready" "$wal/archive_status/$segment.done"
    echo "deliver-wal: archived $segment, which this replica wrote as the leader"
  done < <(find "$wal/archive_status" -name '*.ready' -printf '%f\n' | sed 's/\.ready$//' | sort)
}

case $1 in
  promoted) mark_missing ;;
  returned) [[ ! -e $POSTGRES_DATA/standby.signal ]] || archive_waiting ;;
esac
