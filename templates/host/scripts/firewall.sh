#!/usr/bin/env bash
# firewall [remove]: loads an nftables table with the sources that may reach this machine. New rules stay only if the
# ssh connection of this step still works under them; otherwise the step restores the old rules. If the step is
# interrupted, a timer restores them.
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

# Writes the file that restores the rules that are loaded now.
write_rollback() {
  printf 'table inet ninefold\ndelete table inet ninefold\n' >"$before"
  ! loaded || nft list table inet ninefold >>"$before"
}
disarm() { systemctl stop "$timer.timer" 2>/dev/null || true; }
arm() {
  disarm
  systemd-run --quiet --collect --unit="$timer" --on-active="$rollback" --timer-property=AccuracySec=1s \
    nft --file "$before" 2>/dev/null ||
    fail 'firewall: cannot start the timer that would restore the old rules; nothing was changed' \
      "look at: systemctl status $timer.timer; then run 'pulumi up' again"
}

# Prints the client's port and the local port of this step's ssh connection. sudo removes SSH_CONNECTION from this
# process, so it is read from the environment of a parent.
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
# Prints the number of bytes that the client has acknowledged. It grows only if packets arrive from the client.
acknowledged() {
  local count
  count=$(ss -Htni state established "sport = :$ours and dport = :$theirs")
  [[ $count =~ bytes_acked:([0-9]+) ]] || true
  printf '%d\n' "${BASH_REMATCH[1]:-0}"
}
connection_works() {
  local least=$1 end=$((SECONDS + proof))
  until (($(acknowledged) > least)); do
    ((SECONDS < end)) || return 1
    # Output that the client has to acknowledge.
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
  if ! connection_works "$least"; then
    nft --file "$before"
    disarm
    fail "firewall: under the new rules no packets arrive over this step's ssh connection; the old rules are back" \
      "the connection comes to port $ours from $(ss -Htn state established "sport = :$ours and dport = :$theirs" | awk '!n++ { print $4 }')" \
      "look at: firewall.operators and access.port in the description; then run 'pulumi up' again"
  fi
}

if [[ ${1:-} == remove ]]; then
  unload
  forget firewall
  reload_unit_files ninefold-firewall
  exit
fi

receive
if [[ ! -s $stage/index ]]; then
  # The machine keeps its own firewall.
  if [[ -n $(pending firewall) ]]; then
    unload
    place
    reload_unit_files ninefold-firewall
    record firewall
  fi
  exit
fi
if uses_router_advertisements; then
  routers='    # This machine has its IPv6 addresses or routes from routers.\n    icmpv6 type nd-router-advert accept'
  sed -i "/icmpv6 type/a\\$routers" "$(staged $rules)"
fi
if [[ -n $(pending firewall) ]] || ! loaded; then
  new=$(staged $rules)
  output=$(nft --check --file "$new" 2>&1) || fail 'firewall: nft refuses the new rules; the old rules stay' "$output"
  ports=$(connection) ||
    fail 'firewall: this step was not started over ssh, so it cannot test whether the new rules allow ssh' \
      'nothing was changed' "run 'pulumi up'"
  read -r theirs ours <<<"$ports"
  if uses_router_advertisements; then
    echo 'the firewall accepts router advertisements: IPv6 addresses or routes of this machine come from them'
  fi
  try "$new"
  place
  disarm
  reload_unit_files ninefold-firewall
  unit enable ninefold-firewall
  unit start ninefold-firewall
  record firewall
fi
