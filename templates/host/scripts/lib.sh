# shellcheck shell=bash
# Functions that all steps share. A step reads a bundle of files from standard input, installs the files, and acts only
# if the bundle differs from the one that its service runs with.
set -euo pipefail
umask 022
# Steps parse the output of tools: it must be in English, with a point in decimals.
export LC_ALL=C.UTF-8
# systemd does not use SysV's links. Without this, `systemctl enable` spends a second of Perl to update them.
export SYSTEMCTL_SKIP_SYSV=1

readonly state=/var/lib/ninefold
# The factor by which waits are longer than usual on this machine.
readonly patience=${NINEFOLD_PATIENCE:-1}
stage=$(mktemp -d /run/ninefold.XXXXXX)
readonly stage
trap 'rm -rf -- "$stage"' EXIT

# Ends the step with an error: $1 is the failure, each further argument a line with a reason or a remedy.
fail() {
  printf '%s: %s\n' "$(hostname)" "$1" >&2
  shift
  (($# == 0)) || printf '%s\n' "$@" | sed 's/^/  /' >&2
  exit 1
}

# Splits the bundle on standard input. A line "=== PATH OWNER:GROUP MODE" begins a file; the lines before the first file
# are the bundle's header. A bundle without its last line was truncated.
receive() {
  : >"$stage/index"
  : >"$stage/header"
  awk -v stage="$stage" '
    /^=== end$/ { whole = 1; exit }
    /^=== / { close(file); file = sprintf("%s/%03d", stage, ++n); printf "" > file
              print substr($0, 5) >> (stage "/index"); next }
    { print >> (n ? file : stage "/header") }
    END { exit !whole }' ||
    fail "${0##*/}: the bundle was cut off in transit; nothing was changed" "run 'pulumi up' again"
}

# Prints the values of keyword $1 in the bundle's header, a line each. ninefold.render.HeaderKey lists the keywords.
header() {
  local line
  while IFS= read -r line; do
    if [[ $line == "$1 "* ]]; then printf '%s\n' "${line#"$1 "}"; fi
  done <"$stage/header"
}

# Prints the path of the staged copy of file $1.
staged() {
  printf '%s/%03d' "$stage" "$(awk -v path="$1" '$1 == path { print NR }' "$stage/index")"
}

# Installs the staged files. First it copies all of them next to their paths, then it renames one after the other, so
# that a key and its certificate change together. A file that is already there is not touched. The bundle is noted in
# $state/tried until the step records it: if the step fails, the next one knows what this one may have installed.
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
  # After a power cut, a file must have its old or its new content, and not be empty.
  ((${#fresh[@]} == 0)) || sync -- "${fresh[@]/%/.ninefold}"
  for path in "${fresh[@]}"; do
    keep_previous "$path"
    mv -f -- "$path.ninefold" "$path"
  done
  ((${#fresh[@]} == 0)) || printf 'placed %s\n' "${fresh[@]}"
  remove_obsolete
}

# Keeps the file at path $1, which this step replaces, for restore_previous.
keep_previous() {
  printf '%s\n' "$1" >>"$stage/replaced"
  [[ -e $1 ]] || return 0
  mkdir -p -- "$stage/previous${1%/*}"
  cp -a -- "$1" "$stage/previous$1"
}

# Restores the files that this step replaced, after service $1 has refused the new ones and continues with the old ones.
restore_previous() {
  local path
  [[ -e $stage/replaced ]] || return 0
  while read -r path; do
    if [[ -e $stage/previous$path ]]; then
      cp -a -- "$stage/previous$path" "$path.ninefold"
      mv -f -- "$path.ninefold" "$path"
    else
      remove_placed "$path"
    fi
  done <"$stage/replaced"
  # A process that started with the refused files has to restart with the old ones: the note makes the next step do so.
  needs_restart "$(<"$stage/replaced")" || rm -f -- "$state/tried/$1"
}

# Prints "DIGEST PATH" for each file that was installed for service $1, even if it no longer exists.
placed_for() { cat -- "$state/applied/$1" "$state/tried/$1" 2>/dev/null || true; }

# Removes the files that an earlier bundle of this script installed and that this one does not contain.
remove_obsolete() {
  local path
  while read -r path; do
    remove_placed "$path"
  done < <(placed_for "${0##*/}" | awk -v index_file="$stage/index" '
    BEGIN { while ((getline line <index_file) > 0) { split(line, part, " "); kept[part[1]] } }
    $2 ~ "^/" && !($2 in kept) { print $2 }' | sort -u)
}

# Removes the installed file at path $1, and a copy that was not renamed. Restores the file that was there before the
# cluster's.
remove_placed() {
  rm -f -- "$1.ninefold"
  # An earlier run that failed may have removed the file already. The file that is there now is not the cluster's.
  grep -qxF -- "$1" "$state/placed" 2>/dev/null || return 0
  grep -vxF -- "$1" "$state/placed" >"$stage/placed" || true
  write_atomically "$state/placed" <"$stage/placed"
  if [[ -e $state/before$1 ]]; then
    mv -f -- "$state/before$1" "$1"
  else
    rm -f -- "$1"
  fi
  rm -f -- "$state/copies$1"
}

# Keeps the file that the machine had at path $1 before the cluster's, and notes the directories that will be created
# for the new file.
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

# Prints "DIGEST PATH" for each part of the bundle; the header's path is "header".
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

# Prints the paths of those parts in which the bundle differs from the one that service $1 runs with. A service may also
# run with files of a step that failed, so those count as different.
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

# Writes standard input to the file at path $1. A power cut leaves the old or the new content.
write_atomically() {
  cat >"$1.new"
  sync -- "$1.new"
  mv -f -- "$1.new" "$1"
}

# Records that service $1 runs with the bundle.
record() {
  listing >/dev/null
  if ! cmp -s -- "$stage/listing" "$state/applied/$1" || [[ ! -e $state/modes/$1 ]]; then
    write_atomically "$state/applied/$1" <"$stage/listing"
    keep_copies "$1"
  fi
  rm -f -- "$state/tried/$1"
}

# Keeps a copy of the files of service $1, so that `status` can show the lines that somebody has changed since. Of a
# secret, it keeps only owner and mode.
keep_copies() {
  local n=0 path mode copy
  install -d -m 0700 "$state/copies" "$state/modes"
  write_atomically "$state/modes/$1" <"$stage/index"
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

# Prints the last lines in the log of the service that this script configures.
last_log_lines() {
  local service=${0##*/}
  service=${service%-restart}
  case $service in
    configuration | databases | operate) service=patroni ;;
    stanza) service=pgbackrest ;;
    balancer-ready) service=haproxy ;;
    etcd-*) service=etcd ;;
  esac
  # The cause may be further up, above the lines of many retries.
  { journalctl --unit="$service" -n 300 --no-pager -o cat | { grep -E 'FATAL|PANIC|CRITICAL|ERROR' || true; } |
      tail -n 4
    journalctl --unit="$service" -n 8 --no-pager -o cat; } 2>&1 | awk '!seen[$0]++'
}

# Refuses to change the settings of service $1 that are fixed at its first installation: $2 is their text, $3 the remedy.
require_unchanged() {
  local note=$state/born/$1
  if [[ ! -s $note ]]; then
    install -d -m 0700 "$state/born"
    printf '%s\n' "$2" | write_atomically "$note"
  elif [[ $(<"$note") != "$2" ]]; then
    fail "$1 was first installed with '$(<"$note")', and the description now has '$2'; nothing was changed" "$3"
  fi
}

# Fails if etcd's data has reached its quota: then etcd grants no leases, so no locks, and no member counts as healthy.
# Expects etcdctl's settings in the environment.
require_room_in_etcd() {
  local alarms
  alarms=$(etcdctl alarm list 2>/dev/null) || return 0
  [[ $alarms != *NOSPACE* ]] || fail "etcd: its data is at etcd.quota, and it takes no write until the alarm NOSPACE is disarmed" \
    "$alarms" 'as root on an etcd member: etcdctl compact, defrag and alarm disarm, also before a larger quota' \
    "how: docs/operations/etcd.md, The alarm NOSPACE; then ${NINEFOLD_AGAIN:-run 'pulumi up' again}"
}

# Whether the ssh session that started this step still exists and the step has time left.
may_continue() { [[ -e /proc/${NINEFOLD_CALLER:-self} ]] && ((EPOCHSECONDS < ${NINEFOLD_DEADLINE:-EPOCHSECONDS + 1})); }

# Whether this machine has IPv6 addresses or routes from router advertisements. Virtual machines of the stack have none,
# because the description lists their addresses.
uses_router_advertisements() {
  [[ $(header routers) == followed ]] || return
  [[ -n $(ip -6 route show table all proto ra 2>/dev/null; ip -6 -o address show scope global dynamic 2>/dev/null) ]]
}

# wait_for SECONDS CONDITION PLACE COMMAND…: runs COMMAND until it succeeds. After SECONDS, or shortly before the step's
# own timeout, the step fails. The error names the CONDITION, COMMAND's last output and the PLACE to look at. SECONDS
# apply to a machine of usual speed.
wait_for() {
  local began=$EPOCHSECONDS condition=$2 place=$3 end=$((EPOCHSECONDS + patience * $1)) pause answer
  # On a slow machine, frequent polling would take time from what it waits for.
  pause=$((patience > 1 ? patience : 0)).2
  ((end <= ${NINEFOLD_DEADLINE:-end})) || end=$NINEFOLD_DEADLINE
  shift 3
  until answer=$("$@" 2>&1); do
    [[ -e /proc/${NINEFOLD_CALLER:-self} ]] || fail "$condition: gave up, because the ssh session that started this step has ended"
    if ((EPOCHSECONDS >= end)); then
      fail "$condition: not so after $((EPOCHSECONDS - began)) s" "last answer: $(tail -n 5 <<<"$answer")" \
        'last lines of its log:' "$(last_log_lines)" "look at: $place; then ${NINEFOLD_AGAIN:-run 'pulumi up' again}"
    fi
    sleep "$pause"
  done
}

# unit VERB UNIT…: enables, starts, restarts or reloads units. A failure ends the step with the last lines of their log.
unit() {
  local verb=$1 options=() output
  shift
  # `enable` matters at the next boot only, so systemd need not reload its units now.
  [[ $verb != enable ]] || options=(--no-reload)
  output=$(systemctl --quiet "${options[@]}" "$verb" "$@" 2>&1) && return
  fail "could not $verb $*" "$output" "$(journalctl "${@/#/--unit=}" -n 20 --no-pager -o cat 2>&1)" \
    "look at: journalctl -u $1"
}

# Requires that service $1 runs with its new files, which command $2… checks. If it does not, the step restores the
# previous files and fails.
require_effect() {
  local service=$1 output
  shift
  output=$( (wait_for 10 "$service: it runs with the settings of its files" "journalctl -u $service" "$@") 2>&1) && return
  # A service that starts for the first time has no previous files.
  [[ -e $state/applied/$service ]] || fail "$service: it does not run with the settings of its files" "$output"
  restore_previous "$service"
  (unit reload "$service") 2>/dev/null || true
  fail "$service: it does not run with its new settings; its old files are back" "$output"
}

# Makes systemd reload its units if the files of units $@ have changed. This takes a second on a small machine. systemd
# reads a unit that is not in memory when it starts it.
reload_unit_files() {
  [[ $(systemctl show --property=NeedDaemonReload --value "$@") != *yes* ]] || systemctl daemon-reload
}

# Whether $1, the pending parts of a service, take effect only when its process restarts: its unit, or the versions at
# which its packages are held.
needs_restart() { grep -qE '^/etc/systemd/system/[^/]*\.service\.d/|^/var/lib/ninefold/versions/' <<<"$1"; }

# Installs the versions at which service $1 is held, if different ones are installed. The caller then restarts the
# service.
upgrade() { [[ ! -e $state/versions/$1 ]] || /usr/local/lib/ninefold/packages upgrade "$1"; }

# Makes service $1 run with its files and units: starts it, restarts it if its pending parts $2 require that, or reloads
# it with command $3….
start_or_reload() {
  local service=$1 todo=$2
  shift 2
  reload_unit_files "$service"
  unit enable "$service"
  if [[ $(systemctl is-active "$service") != active ]]; then
    upgrade "$service"
    unit start "$service"
    echo "started $service"
  elif needs_restart "$todo"; then
    upgrade "$service"
    unit restart "$service"
    echo "restarted $service"
  else
    "$@"
    echo "reloaded $service"
  fi
}

# Stops and disables units $@.
stop_units() {
  local name
  for name in "$@"; do
    systemctl disable --now --quiet --no-reload "$name" 2>/dev/null || systemctl stop "$name" 2>/dev/null || true
  done
}

# Removes data directories. One that is a mount point is emptied and stays.
wipe() {
  local directory
  for directory in "$@"; do
    [[ -d $directory ]] || continue
    find "$directory" -mindepth 1 -delete
    mountpoint -q -- "$directory" || rmdir -- "$directory"
  done
}

# Removes the files that were installed for service $1, and the record of them.
forget() {
  local path
  while read -r path; do
    remove_placed "$path"
  done < <(placed_for "$1" | awk '$2 ~ "^/" { print $2 }' | sort -u)
  rm -f -- "$state/applied/$1" "$state/tried/$1" "$state/modes/$1"
}
