#!/usr/bin/env bash
# pgbackrest-push STANZA FILE: PostgreSQL's archive_command. After a failover, the last segment of the old timeline may
# contain WAL past the point where the new timeline begins. It must not be archived under its own name: a replica that is
# restored from a backup would replay it while the archive lacks the new timeline's segment, and could not continue. So
# such a segment is archived as .partial, which no recovery reads by itself. The former leader has such a segment, and a
# replica that becomes leader later may have it too.
#
# Two members may archive a segment of the same name. pgBackRest refuses the second one if it differs; PostgreSQL would
# retry it forever, and archive nothing after it. So for a segment of an earlier timeline, this reports success if the
# archived one contains the same records up to the end of the timeline.
#
# pgBackRest's asynchronous process pushes every waiting segment by itself, and knows none of these rules. So it is not
# used while a segment of an earlier timeline waits, nor on a replica, nor while PostgreSQL is stopped. And it does not look at its limit
# (archive-push-queue-max) while one segment fails. So this script does.
set -euo pipefail
export LC_ALL=C
# pgBackRest's exit code if the archive has a different segment of that name.
readonly stanza=$1 duplicate=45 settings=${PGBACKREST_CONFIG:-/etc/pgbackrest/pgbackrest.conf}
file=$2
readonly wal=${file%/*}
name=${file##*/}

# Whether PostgreSQL runs here, and not as a replica.
leads() { [[ -e $wal/../postmaster.pid && ! -e $wal/../standby.signal ]]; }

# end_of TIMELINE: prints the LSN at which it ended, or nothing if it is not known to have ended.
end_of() {
  local newest end=
  newest=$(find "$wal/" -maxdepth 1 -name '*.history' | sort | tail -n 1)
  [[ -z $newest ]] || end=$(awk -v timeline="$1" '$1 == timeline { print $2 }' "$newest")
  # A running leader has all history files. But Patroni lets a former leader archive before it rewinds, and a former leader
  # that returned as a replica may not stream yet: then only Patroni knows the new timeline.
  if [[ -z $end ]] && ! leads; then
    end=$(patronictl -c /etc/patroni/config.d history --format json |
      jq -r --argjson timeline "$1" '.[] | select(.TL == $timeline) | .LSN') || end=
    [[ -z $end ]] || end=$(printf '%X/%X' $((end >> 32)) $((end & 0xFFFFFFFF)))
  fi
  printf '%s' "$end"
}

# Prints the records of the segment in folder $1, up to the end of its timeline. The folder must have no other segments,
# because pg_waldump would continue with them.
records() {
  local status=0
  pg_waldump "${until[@]}" "$1/$segment" "$1/$segment" 2>/dev/null || status=$?
  # pg_waldump exits with 1 at the end of the written records, and with 141 (SIGPIPE) when the reader has ended.
  ((status <= 1 || status == 141))
}
is_in_archive() {
  local until=() size
  [[ -n $fork ]] || return 1
  [[ ! ${segment:8} > $fork ]] || return 0
  [[ ${segment:8} < $fork ]] || until=(--end="$end")

  mkdir "$scratch/ours" "$scratch/theirs"
  cp "$file" "$scratch/ours/$segment" || return 1
  pgbackrest --stanza="$stanza" archive-get "$name" "$scratch/theirs/$segment" --no-archive-async || return 1
  PATH+=:/usr/lib/postgresql/$(<"$wal/../PG_VERSION")/bin
  command -v pg_waldump >/dev/null || return 1
  records "$scratch/ours" >"$scratch/ours.txt" || return 1
  # The disk may be full.
  size=$(records "$scratch/ours" | wc --bytes) || return 1
  (($(stat --format=%s "$scratch/ours.txt") == size)) || return 1
  records "$scratch/theirs" | cmp --quiet --bytes="$size" "$scratch/ours.txt"
}

waiting() { find "$wal/archive_status" -name '*.ready' -printf '%f\n'; }
# Whether this is not a running leader, or a segment of an earlier timeline than the newest one waits to be archived.
must_wait_in_order() {
  local newest
  leads || return 0
  newest=$(find "$wal/" -maxdepth 1 -name '*.history' -printf '%f\n' | sort | tail -n 1)
  waiting | awk -v newest="${newest%.history}" '
    /^[0-9A-F]+\.ready$/ && length($0) == 30 && substr($0, 1, 8) < newest { older = 1 } END { exit !older }'
}
# Whether more WAL waits to be archived than the limit permits. A segment has 16 MiB.
queue_is_full() {
  local limit
  limit=$(sed -n 's/^archive-push-queue-max=\([0-9]*\)MiB$/\1/p' "$settings")
  [[ -n $limit ]] && (($(waiting | wc --lines) * 16 > limit))
}

readonly segment=${name%.partial}
options=()
! must_wait_in_order || options+=(--no-archive-async)
end='' fork=''
[[ ! $segment =~ ^[0-9A-F]{24}$ ]] || end=$(end_of $((16#${segment:0:8})))
if [[ $end =~ ^([0-9A-F]+)/([0-9A-F]+)$ ]]; then
  fork=$(printf '%08X%08X' $((16#${BASH_REMATCH[1]})) $((16#${BASH_REMATCH[2]} >> 24)))
  scratch=$(mktemp --directory --tmpdir=/var/tmp)
  # shellcheck disable=SC2064
  trap "rm -rf '$scratch'" EXIT
  if [[ $name == "$segment" && ! ${segment:8} < $fork ]]; then
    echo "pgbackrest-push: $name is not before the end of its timeline, $end: archiving it as $name.partial" >&2
    name+=.partial
    cp "$file" "$scratch/$name"
    file=$scratch/$name
    # pgBackRest expects its queue in the folder of the file.
    options=(--no-archive-async --reset-archive-push-queue-max)
  fi
fi

status=0
pgbackrest --stanza="$stanza" "${options[@]}" archive-push "$file" || status=$?
if ((status == duplicate)) && is_in_archive; then
  echo "pgbackrest-push: $name is of an earlier timeline, and the archived segment contains its records" >&2
  status=0
fi
if ((status)) && queue_is_full; then
  echo "pgbackrest-push: dropped WAL file $name, because more WAL waits than archive-push-queue-max permits" >&2
  status=0
fi
exit "$status"
