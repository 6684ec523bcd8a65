#!/usr/bin/env bash
# etcd-restart: restarts this machine's member. Runs under the cluster's lock.
source /usr/local/lib/ninefold/lib.sh
source /usr/local/lib/ninefold/etcd-members.sh

all_healthy() { healthy && others_healthy; }
field() { ETCDCTL_ENDPOINTS="$self" etcdctl endpoint status -w fields | awk -v name="\"$1\"" '$1 == name { print $3 }'; }

hand_over() {
  local list member url
  [[ $(field Leader) == "$(field MemberID)" ]] || return 0
  list=$(members)
  while read -r member _ _ url; do
    [[ $url != "$self" ]] || continue
    ETCDCTL_ENDPOINTS="$self" etcdctl move-leader "$member" >/dev/null && return
  done <<<"$list"
}

# Diverts clients to the other members by resetting their connections. If etcd stopped during a request, its answer
# ("malformed header") would make Patroni 4.0.7 give up the leadership; after a reset, Patroni connects to a different
# member. The rule expires by itself if this step is killed.
divert_clients() {
  command -v nft >/dev/null || return 0
  local patroni
  # A Patroni on this machine uses the loopback interface, as etcdctl of this step does.
  patroni=$(id -u postgres 2>/dev/null) || patroni=''
  nft --file - <<RULES
table inet ninefold-etcd
delete table inet ninefold-etcd
table inet ninefold-etcd {
  set ports { type inet_service; flags timeout; elements = { ${self##*:} timeout 60s }; }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname != "lo" tcp dport @ports reject with tcp reset
  }
  chain output {
    type filter hook output priority filter - 10; policy accept;
    ${patroni:+oifname "lo" meta skuid $patroni tcp dport @ports reject with tcp reset}
  }
}
RULES
  # Requests in flight end within milliseconds. etcd does not report when, so this waits a hundred times longer.
  sleep 0.5
}
readmit_clients() { nft delete table inet ninefold-etcd 2>/dev/null || true; }

wait_for 120 'etcd: every other member is healthy before a restart' "$where" others_healthy
hand_over
upgrade etcd
trap 'readmit_clients; rm -rf -- "$stage"' EXIT
divert_clients
reload_unit_files etcd
# If this step ends from here on, the trap starts the member again.
trap 'systemctl start --no-block etcd; readmit_clients; rm -rf -- "$stage"' EXIT
unit stop etcd
# A blocking start would wait for a quorum without a timeout. wait_for below has one, and prints the log.
systemctl start --no-block etcd
trap 'readmit_clients; rm -rf -- "$stage"' EXIT
wait_for 120 'etcd: this member answers after a restart' "$where" healthy
readmit_clients
wait_for 120 'etcd: every member is healthy after a restart' "$where" all_healthy
echo 'restarted etcd'
