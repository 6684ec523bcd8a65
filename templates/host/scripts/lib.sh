# shellcheck shell=bash
# What every step on a machine shares. A step reads a bundle of files from its standard input, puts
# them in place, and acts only on what differs from what its service runs with.
set -euo pipefail
umask 022
# What tools say is read here, and numbers have a point.
export LC_ALL=C.UTF-8
# The links of SysV's init mean nothing where systemd runs; keeping them in step takes a second of Perl.
export SYSTEMCTL_SKIP_SYSV=1

readonly state=/var/lib/ninefold
# How many times longer than usual things may take here.
readonly patience=${NINEFOLD_PATIENCE:-1}
stage=$(mktemp -d /run/ninefold.XXXXXX)
readonly stage
trap 'rm -rf -- "$stage"' EXIT

# Ends the step. The first words say what is wrong, the rest why and what to try.
fail() {
  printf '%s: %s\n' "$(hostname)" "$1" >&2
  shift
  (($# == 0)) || printf '%s\n' "$@" | sed 's/^/  /' >&2
  exit 1
}

# Splits the bundle on standard input: "=== PATH OWNER:GROUP MODE" opens a file, what stands before
# the first one is the bundle's header. Without its last line it was cut off on its way.
receive() {
  : >"$stage/index"
  : >"$stage/header"
  awk -v stage="$stage" '
    /^=== end$/ { whole = 1; exit }
    /^=== / { close(file); file = sprintf("%s/%03d", stage, ++n); printf "" > file
              print substr($0, 5) >> (stage "/index"); next }
    { print >> (n ? file : stage "/header") }
    END { exit !whole }' ||
    fail "${0##*/}: what it is to do was cut off on its way; nothing was changed" "run 'pulumi up' again"
}

# Prints what the bundle's header says after word $1.
header() {
  local line
  while IFS= read -r line; do
    if [[ $line == "$1 "* ]]; then printf '%s\n' "${line#"$1 "}"; fi
  done <"$stage/header"
}

# Prints the staged copy of the file that is to stand at path $1.
staged() {
  printf '%s/%03d' "$stage" "$(awk -v path="$1" '$1 == path { print NR }' "$stage/index")"
}

# Puts every staged file in place, each atomically, one right after the other: a key and its certificate
# belong together. One that is there already is not touched. What is tried is noted until it is on record:
# should the step fail, the next one knows what it may have left.
place() {
  local n=0 path owner mode new fresh=()
  if [[ -n $(pending "${0##*/}") ]]; then
    mkdir -p -- "$state/tried"
    listing >>"$state/tried/${0##*/}"
  fi
  while read -r path owner mode; do
    n=$((n + 1))
    printf -v new '%s/%03d' "$stage" "$n"
    if [[ -e $path ]] && cmp -s -- "$new" "$path" && [[ $(stat -c '%U:%G %04a' -- "$path") == "$owner $mode" ]]; then
      continue
    fi
    keep_original "$path"
    install -D -o "${owner%:*}" -g "${owner#*:}" -m "$mode" -- "$new" "$path.ninefold"
    fresh+=("$path")
  done <"$stage/index"
  # A power cut leaves the old file or the new one, and not an empty one.
  ((${#fresh[@]} == 0)) || sync -- "${fresh[@]/%/.ninefold}"
  for path in "${fresh[@]}"; do
    keep_previous "$path"
    mv -f -- "$path.ninefold" "$path"
  done
  ((${#fresh[@]} == 0)) || printf 'placed %s\n' "${fresh[@]}"
  take_away_left
}

# Keeps what this step replaces at path $1, until the service has taken the new file.
keep_previous() {
  printf '%s\n' "$1" >>"$stage/replaced"
  [[ -e $1 ]] || return 0
  mkdir -p -- "$stage/previous${1%/*}"
  cp -a -- "$1" "$stage/previous$1"
}

# Puts back what this step replaced, because service $1 refuses the new files and runs on with the old ones.
put_back() {
  local path
  [[ -e $stage/replaced ]] || return 0
  while read -r path; do
    if [[ -e $stage/previous$path ]]; then
      cp -a -- "$stage/previous$path" "$path.ninefold"
      mv -f -- "$path.ninefold" "$path"
    else
      take_away "$path"
    fi
  done <"$stage/replaced"
  # A process that started with the refused files has to start again with the old ones.
  needs_restart "$(<"$stage/replaced")" || rm -f -- "$state/tried/$1"
}

# What was placed for service $1, and perhaps is no more: a digest and a path a line.
placed_for() { cat -- "$state/applied/$1" "$state/tried/$1" 2>/dev/null || true; }

# Takes away what an earlier bundle of this script placed and this one has no more.
take_away_left() {
  local path
  while read -r path; do
    take_away "$path"
  done < <(placed_for "${0##*/}" | awk -v index_file="$stage/index" '
    BEGIN { while ((getline line <index_file) > 0) { split(line, part, " "); kept[part[1]] } }
    $2 ~ "^/" && !($2 in kept) { print $2 }' | sort -u)
}

# Removes the file at path $1, and a new one that was not put there any more; what stood in its place comes back.
take_away() {
  rm -f -- "$1.ninefold"
  # An earlier run that failed may have removed it already: then the file there is not the cluster's.
  grep -qxF -- "$1" "$state/placed" 2>/dev/null || return 0
  grep -vxF -- "$1" "$state/placed" >"$stage/placed" || true
  write_whole "$state/placed" <"$stage/placed"
  if [[ -e $state/before$1 ]]; then
    mv -f -- "$state/before$1" "$1"
  else
    rm -f -- "$1"
  fi
  rm -f -- "$state/copies$1"
}

# Keeps what stood at path $1 before a file of the cluster took its place there, and notes which
# directories will be made for it.
keep_original() {
  local directory=${1%/*}
  ! grep -qxF -- "$1" "$state/placed" 2>/dev/null || return 0
  while [[ ! -d $directory ]]; do
    printf '%s\n' "$directory" >>"$state/made-directories"
    directory=${directory%/*}
  done
  if [[ -e $1 ]]; then
    install -d -m 0700 "$state/before${1%/*}"
    cp -a -- "$1" "$state/before$1"
  fi
  printf '%s\n' "$1" >>"$state/placed"
}

# One line for each part of the bundle: its digest, and its path ("header" for the header).
listing() {
  if [[ ! -e $stage/listing ]]; then
    (
      shopt -s nullglob
      cd -- "$stage"
      sha256sum header [0-9][0-9][0-9] | awk '
        BEGIN { while ((getline line <"index") > 0) { split(line, part, " "); path[sprintf("%03d", ++n)] = part[1] } }
        { print $1, ($2 in path ? path[$2] : $2) }' >listing.new
      mv listing.new listing
    )
  fi
  cat -- "$stage/listing"
}

# Prints the parts in which the bundle differs from what service $1 runs with, or may run with since a
# step that failed; nothing if in none.
pending() {
  listing >/dev/null
  { cat -- "$state/applied/$1" 2>/dev/null || true; } | awk -v listing="$stage/listing" -v tried="$state/tried/$1" '
    BEGIN { while ((getline line <listing) > 0) wanted[line] }
    { if ($0 in wanted) taken[$0]; else print $2 }
    END {
      for (line in wanted) if (!(line in taken)) { split(line, part, " "); print part[2] }
      while ((getline line <tried) > 0) if (!(line in wanted)) { split(line, part, " "); print part[2] }
    }' | sort -u
}

# Makes standard input the file at path $1: a power cut leaves the old one or the new one.
write_whole() {
  cat >"$1.new"
  sync -- "$1.new"
  mv -f -- "$1.new" "$1"
}

# Writes down that service $1 runs with the bundle.
record() {
  listing >/dev/null
  if ! cmp -s -- "$stage/listing" "$state/applied/$1" || [[ ! -e $state/modes/$1 ]]; then
    write_whole "$state/applied/$1" <"$stage/listing"
    keep_copies "$1"
  fi
  rm -f -- "$state/tried/$1"
}

# Keeps what service $1 was given, so that a later difference can be shown by lines; of secrets the owner and
# the mode only.
keep_copies() {
  local n=0 path mode copy
  install -d -m 0700 "$state/copies" "$state/modes"
  write_whole "$state/modes/$1" <"$stage/index"
  while read -r path _ mode; do
    n=$((n + 1))
    if [[ $mode != *[4-7] ]]; then
      rm -f -- "$state/copies$path"
      continue
    fi
    [[ -d $state/copies${path%/*} ]] || mkdir -p -- "$state/copies${path%/*}"
    printf -v copy '%s/%03d' "$stage" "$n"
    cp -- "$copy" "$state/copies$path"
  done <"$stage/index"
}

# The last lines that the service of this script has logged.
last_words() {
  local service=${0##*/}
  service=${service%-restart}
  case $service in
    configuration | databases | operate) service=patroni ;;
    stanza) service=pgbackrest ;;
    balancer-ready) service=haproxy ;;
    etcd-*) service=etcd ;;
  esac
  # What is wrong may stand further up, above what is tried again and again.
  { journalctl --unit="$service" -n 300 --no-pager -o cat | { grep -E 'FATAL|PANIC|CRITICAL|ERROR' || true; } |
      tail -n 4
    journalctl --unit="$service" -n 8 --no-pager -o cat; } 2>&1 | awk '!seen[$0]++'
}

# Refuses a change of what service $1 was born with, $2 in its words: $3 is how to do it instead.
born_with() {
  local note=$state/born/$1
  if [[ ! -s $note ]]; then
    install -d -m 0700 "$state/born"
    printf '%s\n' "$2" | write_whole "$note"
  elif [[ $(<"$note") != "$2" ]]; then
    fail "$1: it was born with '$(<"$note")', and the description now says '$2'; nothing was changed" "$3"
  fi
}

# Fails while etcd's data is at its quota: etcd then grants no lease and so no lock, and no member counts as healthy.
# The environment holds etcdctl's settings.
require_room_in_etcd() {
  local alarms
  alarms=$(etcdctl alarm list 2>/dev/null) || return 0
  [[ $alarms != *NOSPACE* ]] || fail "etcd: its data is at etcd.quota, and it takes no write until the alarm NOSPACE is disarmed" \
    "$alarms" 'as root on an etcd member: etcdctl compact, defrag and alarm disarm, also before a larger quota' \
    "how: docs/operations/etcd.md, The alarm NOSPACE; then ${NINEFOLD_AGAIN:-run 'pulumi up' again}"
}

# Whether whoever asked for this step is there yet, and time is left.
goes_on() { [[ -e /proc/${NINEFOLD_CALLER:-self} ]] && ((EPOCHSECONDS < ${NINEFOLD_DEADLINE:-EPOCHSECONDS + 1})); }

# Whether this machine has IPv6 addresses or routes from a router that advertises them. Those that are made here have
# none: their addresses are described.
follows_a_router() {
  [[ $(header routers) == followed ]] || return
  [[ -n $(ip -6 route show table all proto ra 2>/dev/null; ip -6 -o address show scope global dynamic 2>/dev/null) ]]
}

# Polls a condition. wait_for SECONDS WHAT PLACE COMMAND…: WHAT is said when the limit is reached, or
# when the step's own limit is near, with the command's last answer and the PLACE to look. SECONDS are
# those of a machine of usual speed.
wait_for() {
  local began=$EPOCHSECONDS what=$2 place=$3 end=$((EPOCHSECONDS + patience * $1)) pause answer
  # A slow machine has better to do than to be asked.
  pause=$((patience > 1 ? patience : 0)).2
  ((end <= ${NINEFOLD_DEADLINE:-end})) || end=$NINEFOLD_DEADLINE
  shift 3
  until answer=$("$@" 2>&1); do
    [[ -e /proc/${NINEFOLD_CALLER:-self} ]] || fail "$what: given up, because whoever asked for it is gone"
    if ((EPOCHSECONDS >= end)); then
      fail "$what: not so after $((EPOCHSECONDS - began)) s" "last answer: $(tail -n 5 <<<"$answer")" \
        'last lines of its log:' "$(last_words)" "look at: $place; then ${NINEFOLD_AGAIN:-run 'pulumi up' again}"
    fi
    sleep "$pause"
  done
}

# Enables, starts, restarts or reloads units; a failure ends the step with the unit's own last words.
unit() {
  local verb=$1 options=() said
  shift
  # What is enabled counts at the next boot: nothing must be read anew now.
  [[ $verb != enable ]] || options=(--no-reload)
  said=$(systemctl --quiet "${options[@]}" "$verb" "$@" 2>&1) && return
  fail "could not $verb $*" "$said" "$(journalctl "${@/#/--unit=}" -n 20 --no-pager -o cat 2>&1)" \
    "look at: journalctl -u $1"
}

# Requires that service $1 runs with its new files, which the command $2… tells. If it does not, it gets back the
# files that it had, and the step fails.
require_effect() {
  local service=$1 said
  shift
  said=$( (wait_for 10 "$service: it runs with the settings of its files" "journalctl -u $service" "$@") 2>&1) && return
  # A service that starts for the first time had none.
  [[ -e $state/applied/$service ]] || fail "$service: it does not run with the settings of its files" "$said"
  put_back "$service"
  (unit reload "$service") 2>/dev/null || true
  fail "$service: it does not run with its new settings, and has its old files back" "$said"
}

# Has systemd read units $@ anew where what it has in memory of them is not what is on disk. That takes a
# small machine a second; a unit that is not in memory is read as it starts.
read_units() {
  [[ $(systemctl show --property=NeedDaemonReload --value "$@") != *yes* ]] || systemctl daemon-reload
}

# Whether $1, the pending parts of a service, count only once its process starts anew: its unit, or the
# versions that its packages are held at.
needs_restart() { grep -qE '^/etc/systemd/system/[^/]*\.service\.d/|^/var/lib/ninefold/versions/' <<<"$1"; }

# Installs the versions at which service $1 is held, if others are installed. The caller restarts the service next.
upgrade() { [[ ! -e $state/versions/$1 ]] || /usr/local/lib/ninefold/packages upgrade "$1"; }

# Takes a service away: its units $@ are stopped and disabled.
stop_units() {
  local name
  for name in "$@"; do
    systemctl disable --now --quiet --no-reload "$name" 2>/dev/null || systemctl stop "$name" 2>/dev/null || true
  done
}

# Removes directories of data. One that is a disk's own is emptied, and stays.
wipe() {
  local directory
  for directory in "$@"; do
    [[ -d $directory ]] || continue
    find "$directory" -mindepth 1 -delete
    mountpoint -q -- "$directory" || rmdir -- "$directory"
  done
}

# Removes the files that service $1 runs with, or was to run with, and the note of it.
forget() {
  local path
  while read -r path; do
    take_away "$path"
  done < <(placed_for "$1" | awk '$2 ~ "^/" { print $2 }' | sort -u)
  rm -f -- "$state/applied/$1" "$state/tried/$1" "$state/modes/$1"
}
