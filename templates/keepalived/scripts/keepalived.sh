#!/usr/bin/env bash
# keepalived [remove]: Keepalived, which assigns the virtual address to one of the balancers.
source /usr/local/lib/ninefold/lib.sh

readonly conf=/etc/keepalived/keepalived.conf

if [[ ${1:-} == remove ]]; then
  stop_units keepalived
  forget keepalived
  # Keepalived creates this file when it starts, to name its routing protocol.
  if [[ -e /etc/iproute2/rt_addrprotos.d/keepalived.conf ]]; then
    rm -f -- /etc/iproute2/rt_addrprotos.d/keepalived.conf
    rmdir --parents --ignore-fail-on-non-empty /etc/iproute2/rt_addrprotos.d
  fi
  reload_unit_files keepalived
  exit
fi

receive
address=$(header address)
interface=$(ip -o -4 addr show | awk -v address="$address" '$4 ~ "^" address "/" && !n++ { print $2 }')
[[ -n $interface ]] || fail "keepalived: no interface has the address $address" \
  "give the machine that address, or correct 'address' of this node in the description; then run 'pulumi up' again"
sed -i "s/@INTERFACE@/$interface/" "$(staged $conf)"
output=$(keepalived --config-test --use-file="$(staged $conf)" 2>&1) ||
  fail 'keepalived: the new configuration is refused; the old one stays' "$output"
place
todo=$(pending keepalived)
if [[ -n $todo || $(systemctl is-active keepalived) != active ]]; then
  start_or_reload keepalived "$todo" unit reload keepalived
  require_effect keepalived /usr/local/lib/ninefold/keepalived-effective
  record keepalived
fi
