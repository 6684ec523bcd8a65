#!/usr/bin/env bash
# haproxy [remove]: HAProxy on this balancer. HAProxy checks a new configuration before it is installed, and a reload
# keeps all connections.
source /usr/local/lib/ninefold/lib.sh

readonly where='journalctl -u haproxy'

if [[ ${1:-} == remove ]]; then
  stop_units haproxy
  rm -f /run/haproxy-servers
  forget haproxy
  reload_unit_files haproxy
  exit
fi

reload() {
  if ! output=$(/usr/local/lib/ninefold/haproxy-reload 2>&1); then
    restore_previous haproxy
    fail 'haproxy: it refused the new configuration, and continues with the old one' "$output" "look at: $where"
  fi
}

alive() { timeout 3 curl --silent --show-error --fail "http://127.0.0.1:$port/"; }

# Whether the Patroni at $2 presents a certificate for the name $1. One that presents none is down, which is not a reason
# to wait here.
presents_name() {
  local output tls=/etc/ninefold/tls/haproxy
  output=$(timeout 3 openssl s_client -connect "$2" -CAfile $tls/ca.crt -no-CApath -no-CAstore -verify_hostname "$1" \
    -cert $tls/node.pem -key $tls/node.pem </dev/null 2>&1) || true
  [[ $output != *'BEGIN CERTIFICATE'* || $output == *'Verify return code: 0 (ok)'* ]] ||
    { echo "Patroni at $2 presents no certificate for $1: $(grep -m 1 'Verify return code' <<<"$output")"; false; }
}
every_patroni_presents_its_name() {
  local name at
  while read -r name at; do
    presents_name "$name" "$at" || return
  done < <(header patroni)
}

receive
# If HAProxy verified the name before Patroni's certificate has it, HAProxy would consider all servers down.
if [[ $(systemctl is-active haproxy) == active && -n $(pending haproxy) ]]; then
  wait_for 600 'haproxy: every Patroni presents a certificate for its name' \
    'the steps secrets and patroni of the database nodes' every_patroni_presents_its_name
fi
port=$(header alive)
ports=$(header ports)
output=$(haproxy -c -f "$(staged /etc/haproxy/haproxy.cfg)" -f /etc/haproxy/operators.cfg 2>&1) ||
  fail 'haproxy: the new configuration is refused; the old one stays' "$output"
place
todo=$(pending haproxy)
if [[ -n $todo || $(systemctl is-active haproxy) != active ]]; then
  start_or_reload haproxy "$todo" reload
  wait_for 30 'haproxy: it serves' "$where" alive
  # shellcheck disable=SC2086
  require_effect haproxy /usr/local/lib/ninefold/haproxy-effective $ports
  record haproxy
fi
