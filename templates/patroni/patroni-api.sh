# shellcheck shell=bash
# How a step asks Patroni: over its REST API with this node's own certificate, or by patronictl.
source /usr/local/lib/ninefold/lib.sh

# Used by the scripts that read this one.
# shellcheck disable=SC2034
readonly where='patronictl list; journalctl -u patroni, on every postgres node'

# api METHOD HOST:PORT PATH [BODY]
api() {
  local tls=/etc/ninefold/tls/patroni
  curl --silent --show-error --max-time 5 --cacert $tls/ca.crt --cert $tls/node.crt --key $tls/node.key \
    --request "$1" ${4:+--data "$4"} "https://$2$3"
}

# Members act in rounds of loop_wait. A change of nothing starts the next round at once.
wake() {
  local host
  for host in "$@"; do
    api PATCH "$host" /config '{"nothing": null}' >/dev/null 2>&1 || true
  done
}

ctl() { patronictl -c /etc/patroni/config.d "$@"; }
members() { ctl list -f json; }
well() {
  local now
  now=$(members)
  jq -e 'any(.Role == "Leader") and all(.State == "running" or .State == "streaming")' <<<"$now" >/dev/null ||
    { printf '%s\n' "$now"; false; }
}
