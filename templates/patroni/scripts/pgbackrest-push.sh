#!/usr/bin/env bash
# pgbackrest-push STANZA FILE: PostgreSQL's archive_command. What a timeline holds past its end, where the next one
# begins, must not get into the archive under its own name: a replica that is made from a backup would replay it while
# the archive lacks the next timeline's segment, and stand still. Such a segment is archived as .partial, which no
# recovery reads by itself. The former leader has it, and so may a replica that leads later.
#
# Both may archive one of the same name, and pgBackRest refuses the second. PostgreSQL would try it again for ever, and
# archive nothing after it. So a segment of an earlier timeline passes if all that counts of it is in the archived one.
set -euo pipefail
export LC_ALL=C
readonly stanza=$1 another_has_that_name=45
file=$2
readonly wal=${file%/*}
name=${file##*/}

# end_of TIMELINE: where it ended; nothing if it is not known to have ended.
end_of() {
  local newest end=
  newest=$(find "$wal/" -maxdepth 1 -name '*.history' | sort | tail -n 1)
  [[ -z $newest ]] || end=$(awk -v timeline="$1" '$1 == timeline { print $2 }' "$newest")
  # A server that runs has all histories. Patroni lets a former leader archive before it rewinds: then only Patroni
  # knows the new timeline.
  if [[ -z $end && ! -e $wal/../postmaster.pid ]]; then
    end=$(patronictl -c /etc/patroni/config.d history --format json |
      jq -r --argjson timeline "$1" '.[] | select(.TL == $timeline) | .LSN') || end=
    [[ -z $end ]] || end=$(printf '%X/%X' $((end >> 32)) $((end & 0xFFFFFFFF)))
  fi
  printf '%s' "$end"
}

# The records of a copy of it that lies alone, up to where its timeline ended.
records() {
  local status=0
  pg_waldump "${until[@]}" "$1/$segment" "$1/$segment" 2>/dev/null || status=$?
  # It ends with 1 where what was written ends, and by SIGPIPE where nobody reads on.
  ((status <= 1 || status == 141))
}
contained() {
  local until=() size
  [[ -n $fork ]] || return 1
  [[ ! ${segment:8} > $fork ]] || return 0
  [[ ${segment:8} < $fork ]] || until=(--end="$end")

  mkdir "$scratch/ours" "$scratch/theirs"
  cp "$file" "$scratch/ours/$segment" || return 1
  pgbackrest --stanza="$stanza" archive-get "$name" "$scratch/theirs/$segment" || return 1
  PATH+=:/usr/lib/postgresql/$(<"$wal/../PG_VERSION")/bin
  command -v pg_waldump >/dev/null || return 1
  records "$scratch/ours" >"$scratch/ours.txt" || return 1
  # The disk may be full.
  size=$(records "$scratch/ours" | wc --bytes) || return 1
  (($(stat --format=%s "$scratch/ours.txt") == size)) || return 1
  records "$scratch/theirs" | cmp --quiet --bytes="$size" "$scratch/ours.txt"
}

readonly segment=${name%.partial}
options=()
end='' fork=''
[[ ! $segment =~ ^[0-9A-F]{24}$ ]] || end=$(end_of $((16#${segment:0:8})))
if [[ $end =~ ^([0-9A-F]+)/([0-9A-F]+)$ ]]; then
  fork=$(printf '%08X%08X' $((16#${BASH_REMATCH[1]})) $((16#${BASH_REMATCH[2]} >> 24)))
  scratch=$(mktemp --directory --tmpdir=/var/tmp)
  # shellcheck disable=SC2064
  trap "rm -rf '$scratch'" EXIT
  if [[ $name == "$segment" && ! ${segment:8} < $fork ]]; then
    echo "pgbackrest-push: $name is not before the end of its timeline, $end: it is archived as $name.partial" >&2
    name+=.partial
    cp "$file" "$scratch/$name"
    file=$scratch/$name
    # pgBackRest looks for the queue beside the file.
    options=(--reset-archive-push-queue-max)
  fi
fi

status=0
pgbackrest --stanza="$stanza" "${options[@]}" archive-push "$file" || status=$?
if ((status == another_has_that_name)) && contained; then
  echo "pgbackrest-push: $name is of an earlier timeline, and the archived one has all that counts of it" >&2
  status=0
fi
exit "$status"
