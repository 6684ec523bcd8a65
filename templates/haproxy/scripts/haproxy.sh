#!/usr/bin/env bash
# haproxy [remove]: the balancer. A change is checked by HAProxy itself before it lands, and takes
# effect with no connection cut.
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
  if ! said=$(/usr/local/lib/ninefold/haproxy-reload 2>&1); then
    restore_previous haproxy
    fail 'haproxy: it refused the new configuration, and runs on with the old one' "$said" "look at: $where"
  fi
}

alive() { timeout 3 curl --silent --show-error --fail "http://127.0.0.1:$port/"; }

# Whether Patroni at $2 shows a certificate for the name $1. One that shows none is down, and for other reasons.
shows_name() {
  local said tls=/etc/ninefold/tls/haproxy
  said=$(timeout 3 openssl s_client -connect "$2" -CAfile $tls/ca.crt -no-CApath -no-CAstore -verify_hostname "$1" \
    -cert $tls/node.pem -key $tls/node.pem </dev/null 2>&1) || true
  [[ $said != *'BEGIN CERTIFICATE'* || $said == *'Verify return code: 0 (ok)'* ]] ||
    { echo "Patroni at $2 shows no certificate for $1: $(grep -m 1 'Verify return code' <<<"$said")"; false; }
}
every_patroni_shows_its_name() {
  local name at
  while read -r name at; do
    shows_name "$name" "$at" || return
  done < <(header patroni)
}

receive
# To a balancer that asks for a name before Patroni shows it, no server would be up.
if [[ $(systemctl is-active haproxy) == active && -n $(pending haproxy) ]]; then
  wait_for 600 'haproxy: every Patroni shows a certificate for its name' \
    'the steps secrets and patroni of the database nodes' every_patroni_shows_its_name
fi
port=$(header alive)
ports=$(header ports)
said=$(haproxy -c -f "$(staged /etc/haproxy/haproxy.cfg)" -f /etc/haproxy/operators.cfg 2>&1) ||
  fail 'haproxy: the new configuration is refused; the old one stays' "$said"
place
todo=$(pending haproxy)
if [[ -n $todo || $(systemctl is-active haproxy) != active ]]; then
  reload_unit_files haproxy
  unit enable haproxy
  if [[ $(systemctl is-active haproxy) != active ]]; then
    upgrade haproxy
    unit start haproxy
    echo 'started haproxy'
  elif needs_restart "$todo"; then
    upgrade haproxy
    unit restart haproxy
    echo 'restarted haproxy'
  else
    reload
    echo 'reloaded haproxy'
  fi
  wait_for 30 'haproxy: it serves' "$where" alive
  # shellcheck disable=SC2086
  require_effect haproxy /usr/local/lib/ninefold/haproxy-effective $ports
  record haproxy
fi
