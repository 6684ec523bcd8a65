#!/usr/bin/env bash
# Checks that this machine meets the requirements of its services, and installs the scripts of all other steps. The
# braces make bash read the whole script before it runs any of it: a truncated one does nothing.
{
set -euo pipefail
export LC_ALL=C.UTF-8

refuse() {
  printf '%s: %s\n' "$(hostname)" "$1" >&2
  shift
  printf '%s\n' "$@" | sed 's/^/  /' >&2
  exit 1
}

# An earlier run may have been interrupted, and its last step may still be running here.
install -d -m 0700 /run/ninefold
exec 9>/run/ninefold/lock
end=$((EPOCHSECONDS + 895))
flock -w 895 9 || refuse "an earlier step is still running after 895 s" \
  "end that step, or wait; then run 'pulumi up' again"
stage=$(mktemp -d /run/ninefold.XXXXXX)
trap 'rm -rf "$stage"' EXIT

# cloud-init may still be setting up a new machine.
wait_for_cloud_init() {
  local left=$((end - EPOCHSECONDS)) ended=0
  # An existing host. Usually cloud-init finished there long ago. If it was installed after the last boot, it has not
  # started, and would never finish.
  [[ $(timeout 10 cloud-init status 2>/dev/null) != 'status: not '* ]] || return 0
  ((left <= 120)) || left=120
  timeout $((left > 1 ? left : 1)) cloud-init status --wait >/dev/null || ended=$?
  case $ended in
    0 | 2) ;;
    124) refuse "cloud-init is still at work after $left s" "$(timeout 10 cloud-init status --long 2>&1)" \
      "see what it waits for: systemctl list-jobs; once it has ended, run 'pulumi up' again" ;;
    *) echo 'cloud-init once ended with an error on this host; Ninefold ignores that: cloud-init status --long' ;;
  esac
}
! command -v cloud-init >/dev/null 2>&1 || wait_for_cloud_init
[[ -d /run/systemd/system ]] || refuse 'systemd is not process 1' 'every service runs under systemd: use a machine that boots with it'
. /etc/os-release
[[ ${ID}-${VERSION_ID:-} == debian-13 ]] ||
  refuse "this is ${PRETTY_NAME}" 'nodes run Debian 13; see docs/support.md'
for tool in awk df flock ip python3 ss systemctl sysctl timeout; do
  command -v "$tool" >/dev/null || refuse "there is no $tool" "install the package that contains $tool"
done
memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
# The kernel reserves some: of 512 MiB, MemTotal shows about 460.
((memory >= 512 * 85 / 100)) ||
  refuse "this machine has $memory MiB of memory, the description says 512 MiB" \
    "set 'memory' of node repository to the machine's memory"
[[ $(ip -o -4 addr show) == *' 192.168.100.9/'* ]] ||
  refuse 'no interface of this machine has 192.168.100.9' "correct 'address' of node repository, or give the machine that address; an address that only ssh uses is 'sshAddress'"

state=/var/lib/ninefold
if [[ -s $state/cluster && $(<"$state/cluster") != containers ]]; then
  refuse "this machine holds data of cluster '$(<"$state/cluster")', not of 'containers'" \
    "use a different machine; or, if that data is not wanted, remove it and $state on this one"
fi
# All resources of a machine carry the node's name. Under a new name, the removal of the old name's resources would
# remove what the new name's steps have set up.
if [[ -s $state/node && $(<"$state/node") != repository ]]; then
  refuse "this machine is node '$(<"$state/node")', and the description calls it 'repository'" \
    "restore its name; or remove it from the description, run 'pulumi up', add it as 'repository', and run 'pulumi up' again"
fi
# The steps of these services check this too, but by then other steps would have changed something already.
if [[ ! -s $state/cluster ]]; then
  free=$(df -P -m /var | awk 'NR == 2 { print $4 }')
  ((free >= 1024)) || refuse "only $free MiB are free on /var" 'at least 1024 MiB are needed: make room'
  [[ -z $(find /var/lib/pgbackrest -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit 2>/dev/null) ]] ||
    refuse '/var/lib/pgbackrest holds data that does not come from a cluster of this name' \
      'move it away, or use a different machine'
fi

# Prints the processes that listen on port $1 and do not belong to a unit of the cluster.
strangers() {
  local process unit
  ss -Hltnp "sport = :$1" | { grep -o 'pid=[0-9]*' || true; } | sort -u | while IFS='=' read -r _ process; do
    unit=$(sed -n 's|^0::.*/||p' "/proc/$process/cgroup" 2>/dev/null || true)
    [[ ' ninefold-certificates.timer ninefold-firewall.service pgbackrest-diff.timer pgbackrest-full.timer pgbackrest-gaps.timer pgbackrest-keep.timer pgbackrest.service ' == *" $unit "* ]] || echo "$(cat "/proc/$process/comm" 2>/dev/null || true) ($process)"
  done
}
users=$(strangers 8432)
[[ -z $users ]] || refuse "port 8432, which pgBackRest needs, is in use: $users" \
  'stop that process, or set a different port in the description'

# Does not touch a directory that exists.
directory() { [[ -d $2 ]] || install -d -m "$1" "$2"; }
directory 0711 "$state"
directory 0700 "$state/applied"
# Writes the file atomically, if it does not exist.
note() {
  [[ ! -s $state/$1 ]] || return 0
  printf '%s\n' "$2" >"$state/$1.new"
  sync -- "$state/$1.new"
  mv -f -- "$state/$1.new" "$state/$1"
}
note cluster containers
note node repository
directory 0755 /usr/local/lib/ninefold
directory 0755 /etc/ninefold
directory 0755 /etc/ninefold/tls
script() {
  cat >"$stage/script"
  cmp -s "$stage/script" "/usr/local/lib/ninefold/$1" && return
  install -m 0755 "$stage/script" "/usr/local/lib/ninefold/$1.new"
  mv -f "/usr/local/lib/ninefold/$1.new" "/usr/local/lib/ninefold/$1"
}
}
# machine generation 1
