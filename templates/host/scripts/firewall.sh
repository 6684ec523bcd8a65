#!/usr/bin/env bash
# firewall [remove]: who may reach this machine, as a table of nftables. New rules stay only if the
# connection that brings them goes on under them; otherwise the old ones come back, by a timer where
# this step is cut off.
source /usr/local/lib/ninefold/lib.sh

readonly rules=/etc/ninefold/firewall.nft
readonly before=/run/ninefold-firewall.before
readonly timer=ninefold-firewall-rollback
readonly proof=$((15 * patience)) rollback=$((60 * patience))

loaded() { command -v nft >/dev/null && nft list table inet ninefold >/dev/null 2>&1; }
unload() {
  stop_units ninefold-firewall
  ! loaded || nft delete table inet ninefold
}

# What brings back the rules that are loaded now, if any are.
write_rollback() {
  printf 'table inet ninefold\ndelete table inet ninefold\n' >"$before"
  ! loaded || nft list table inet ninefold >>"$before"
}
disarm() { systemctl stop "$timer.timer" 2>/dev/null || true; }
arm() {
  disarm
  systemd-run --quiet --collect --unit="$timer" --on-active="$rollback" --timer-property=AccuracySec=1s \
    nft --file "$before" 2>/dev/null ||
    fail 'firewall: no timer can be set that would take the rules back; nothing was changed' \
      "look at: systemctl status $timer.timer"
}

# The ports of the connection that runs this step: theirs, ours. Whoever logged in has them in its
# environment; sudo keeps them from this process.
connection() {
  local process=$$ words
  while ((process > 1)); do
    words=$(tr '\0' '\n' <"/proc/$process/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p')
    if [[ -n $words ]]; then
      awk '{ print $2, $4 }' <<<"$words"
      return
    fi
    process=$(awk '$1 == "PPid:" { print $2 }' "/proc/$process/status")
  done
  false
}
# How many bytes the other end has acknowledged; it can't but by packets that come in.
acknowledged() {
  local count
  count=$(ss -Htni state established "sport = :$ours and dport = :$theirs")
  [[ $count =~ bytes_acked:([0-9]+) ]] || true
  printf '%d\n' "${BASH_REMATCH[1]:-0}"
}
goes_on() {
  local least=$1 end=$((SECONDS + proof))
  until (($(acknowledged) > least)); do
    ((SECONDS < end)) || return 1
    # The other end has to acknowledge this.
    echo 'firewall: new rules are loaded'
    sleep 0.2
  done
}

try() {
  local least
  write_rollback
  arm
  nft --file "$1"
  least=$(acknowledged)
  if ! goes_on "$least"; then
    nft --file "$before"
    disarm
    fail "firewall: under the new rules nothing comes in any more over the connection that brought them; the old rules are back" \
      "ssh arrives here at port $ours from $(ss -Htn state established "sport = :$ours and dport = :$theirs" | awk '!n++ { print $4 }')" \
      "look at: firewall.operators and access.port in the description; then run 'pulumi up' again"
  fi
}

if [[ ${1:-} == remove ]]; then
  unload
  forget firewall
  read_units ninefold-firewall
  exit
fi

receive
if [[ ! -s $stage/index ]]; then
  # The machine keeps its own firewall.
  if [[ -n $(pending firewall) ]]; then
    unload
    place
    read_units ninefold-firewall
    record firewall
  fi
  exit
fi
if follows_a_router; then
  routers='    # Routers tell this machine its own IPv6 addresses or routes.\n    icmpv6 type nd-router-advert accept'
  sed -i "/icmpv6 type/a\\$routers" "$(staged $rules)"
fi
if [[ -n $(pending firewall) ]] || ! loaded; then
  new=$(staged $rules)
  said=$(nft --check --file "$new" 2>&1) || fail 'firewall: nft refuses the new rules; the old ones stay' "$said"
  words=$(connection) ||
    fail 'firewall: this step was not started over ssh, so nothing shows whether ssh would still get through' \
      'nothing was changed' "run 'pulumi up'"
  read -r theirs ours <<<"$words"
  if follows_a_router; then
    echo 'router advertisements are let in: IPv6 addresses or routes of this machine come from them'
  fi
  try "$new"
  place
  disarm
  read_units ninefold-firewall
  unit enable ninefold-firewall
  unit start ninefold-firewall
  record firewall
fi
