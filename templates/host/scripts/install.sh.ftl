#!/usr/bin/env bash
# Checks that this machine can carry its services, and installs the scripts of all further steps.
# Read to its end before anything of it runs: one that is cut off on its way does nothing.
{
set -euo pipefail
export LC_ALL=C.UTF-8

refuse() {
  printf '%s: %s\n' "$(hostname)" "$1" >&2
  shift
  printf '%s\n' "$@" | sed 's/^/  /' >&2
  exit 1
}

# An earlier run may have been cut off, and its last step may still be at work here.
install -d -m 0700 /run/ninefold
exec 9>/run/ninefold/lock
end=$((EPOCHSECONDS + ${(limit - 5)?c}))
flock -w ${(limit - 5)?c} 9 || refuse "an earlier step is still running after ${(limit - 5)?c} s" \
  "end it, or wait, and run 'pulumi up' again"
stage=$(mktemp -d /run/ninefold.XXXXXX)
trap 'rm -rf "$stage"' EXIT

# A new machine may still be setting itself up; its own work comes first.
wait_for_cloud_init() {
  local left=$((end - EPOCHSECONDS)) ended=0
<#if lasting>
  # This host was there before the cluster. As a rule cloud-init ended there long ago; one that was installed since the
  # last boot has not started, and never ends.
  [[ $(timeout 10 cloud-init status 2>/dev/null) != 'status: not '* ]] || return 0
  ((left <= ${(120 * ((limit + 899) / 900)?floor)?c})) || left=${(120 * ((limit + 899) / 900)?floor)?c}
</#if>
  timeout $((left > 1 ? left : 1)) cloud-init status --wait >/dev/null || ended=$?
  case $ended in
    0 | 2) ;;
    124) refuse "cloud-init is still at work after $left s" "$(timeout 10 cloud-init status --long 2>&1)" \
      "see what it waits for: systemctl list-jobs; once it has ended, run 'pulumi up' again" ;;
<#if lasting>
    *) echo 'cloud-init once ended with an error on this host, which the cluster leaves alone: cloud-init status --long' ;;
<#else>
    *) refuse 'cloud-init did not end well' 'look at: cloud-init status --long' ;;
</#if>
  esac
}
! command -v cloud-init >/dev/null 2>&1 || wait_for_cloud_init
[[ -d /run/systemd/system ]] || refuse 'systemd is not process 1' 'every service runs under systemd'
. /etc/os-release
[[ <#noparse>${ID}-${VERSION_ID:-}</#noparse> == debian-13 ]] ||
  refuse "this is <#noparse>${PRETTY_NAME}</#noparse>" 'nodes run Debian 13; see docs/support.md'
for tool in awk df flock ip python3 ss systemctl sysctl timeout; do
  command -v "$tool" >/dev/null || refuse "there is no $tool" "install the package that brings $tool"
done
memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
# The kernel keeps some for itself: of 512 MiB about 460 are left.
((memory >= ${memory?c} * 85 / 100)) ||
  refuse "this machine has $memory MiB of memory, the description says ${memory?c} MiB" \
    "set 'memory' of node ${name} to what it has"
[[ $(ip -o -4 addr show) == *' ${address}/'* ]] ||
  refuse 'no interface of this machine has ${address}' "correct 'address' of node ${name}, or give the machine that address; 'sshAddress' is for one that only ssh uses"

state=/var/lib/ninefold
if [[ -s $state/cluster && $(<"$state/cluster") != ${clusterName} ]]; then
  refuse "this machine holds data of cluster '$(<"$state/cluster")', not of '${clusterName}'" \
    "take another machine; or, if that data is not wanted, remove it and $state on this one"
fi
# Whatever is set up here bears the node's name; what an old name's steps leave would go with the new one's.
if [[ -s $state/node && $(<"$state/node") != ${name} ]]; then
  refuse "this machine is node '$(<"$state/node")', and the description calls it '${name}'" \
    "give it its name back; or take it out of the description, run 'pulumi up', add it as '${name}', and run that again"
fi
# The steps of these services refuse it too, but by then others would have changed already.
<#list births as service, words>
born=$state/born/${service}
[[ ! -s $born || $(<"$born") == '${words}' ]] ||
  refuse "${service} was born with '$(<"$born")', and the description now says '${words}'; nothing was changed" \
    'put that back; for another namespace, version, port or address, build a second cluster and move the data' \
    "if this one never came up: 'pulumi destroy' with machines.wipe and drop.data, then 'pulumi up'"
</#list>
if [[ ! -s $state/cluster ]]; then
  free=$(df -P -m /var | awk 'NR == 2 { print $4 }')
  ((free >= 1024)) || refuse "only $free MiB are free on /var" 'at least 1024 MiB are needed: make room'
<#list dataDirectories as directory>
  [[ -z $(find ${directory} -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit 2>/dev/null) ]] ||
    refuse '${directory} holds data that no cluster of this name put there' \
      'move it away, or take another machine'
</#list>
fi

# Who listens on port $1 and is no unit of the cluster: on a machine that has its services, they may.
strangers() {
  local process unit
  ss -Hltnp "sport = :$1" | { grep -o 'pid=[0-9]*' || true; } | sort -u | while IFS='=' read -r _ process; do
    unit=$(sed -n 's|^0::.*/||p' "/proc/$process/cgroup" 2>/dev/null || true)
    [[ ' ${units?join(" ")} ' == *" $unit "* ]] || echo "$(cat "/proc/$process/comm" 2>/dev/null || true) ($process)"
  done
}
<#list ports as service, port>
users=$(strangers ${port.number?c})
[[ -z $users ]] || refuse "port ${port.number?c}, which ${service} needs, is in use: $users" \
  'stop what uses it, or set another port in the description'
</#list>

# What is there already is not touched.
directory() { [[ -d $2 ]] || install -d -m "$1" "$2"; }
directory 0711 "$state"
directory 0700 "$state/applied"
# Whole, or not there.
note() {
  [[ ! -s $state/$1 ]] || return 0
  printf '%s\n' "$2" >"$state/$1.new"
  sync -- "$state/$1.new"
  mv -f -- "$state/$1.new" "$state/$1"
}
note cluster ${clusterName}
note node ${name}
directory 0755 /usr/local/lib/ninefold
directory 0755 /etc/ninefold
directory 0755 /etc/ninefold/tls
script() {
  cat >"$stage/script"
  cmp -s "$stage/script" "/usr/local/lib/ninefold/$1" && return
  install -m 0755 "$stage/script" "/usr/local/lib/ninefold/$1.new"
  mv -f "/usr/local/lib/ninefold/$1.new" "/usr/local/lib/ninefold/$1"
}
<#list scripts as path, text>
script ${path} <<'ninefold:end'
${text}ninefold:end
</#list>
}
