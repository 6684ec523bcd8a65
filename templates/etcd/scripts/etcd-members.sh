# shellcheck shell=bash
# What the steps of a member share. The settings of etcd and etcdctl stand in the environment.

readonly self=$ETCD_ADVERTISE_CLIENT_URLS
# Used by the scripts that read this one.
# shellcheck disable=SC2034
readonly where='journalctl -u etcd, on every etcd member'

active() { [[ $(systemctl is-active etcd) == active ]]; }
# systemd knows at once that a member has no quorum yet; etcdctl waits for seconds.
healthy() {
  active || { echo 'etcd has not come up yet'; return 1; }
  ETCDCTL_ENDPOINTS="$self" etcdctl endpoint health
}
# The endpoints at which something listens, which etcdctl would try for seconds to find out.
listening() {
  local url address
  for url in ${ETCDCTL_ENDPOINTS//,/ }; do
    address=${url#*://}
    ! timeout 1 bash -c "exec 3<>/dev/tcp/${address%:*}/${address##*:}" 2>/dev/null || printf '%s\n' "$url"
  done | paste -sd,
}
# A member answers once it has been part of a quorum: while a cluster is being born, none does.
any_member_answers() {
  local urls
  urls=$(listening)
  [[ -n $urls && -n $(ETCDCTL_ENDPOINTS=$urls ETCDCTL_COMMAND_TIMEOUT=2s etcdctl endpoint status 2>/dev/null) ]]
}

# A line for each member of the cluster: ID, name, peer URL, client URL; "-" for what it has not yet,
# because it was added and never started.
members() {
  etcdctl member list |
    awk -F', ' '{ print $1, ($3 == "" ? "-" : $3), $4, ($5 == "" ? "-" : $5) }'
}
# This machine's line, or none.
listed() { members | awk -v peer="$ETCD_INITIAL_ADVERTISE_PEER_URLS" '$3 == peer'; }
# The lines of the members that the description doesn't name.
undescribed() {
  members | awk -v pairs="$ETCD_INITIAL_CLUSTER" '
    BEGIN { n = split(pairs, pair, ","); for (i = 1; i <= n; i++) named[substr(pair[i], index(pair[i], "=") + 1)] }
    !($3 in named)'
}
names() { awk '{ print ($2 == "-" ? $3 : $2) }' | paste -sd' '; }

# This one may be ill: a change may be what heals it.
others_healthy() {
  local urls
  urls=$(members | awk -v peer="$ETCD_INITIAL_ADVERTISE_PEER_URLS" '$3 != peer { print $4 }' | paste -sd,) || return
  [[ $urls != *-,* && $urls != *- ]] || { echo 'a member was added and has not started'; return 1; }
  ETCDCTL_ENDPOINTS="$urls" etcdctl endpoint health
}

start() {
  reload_unit_files etcd
  systemctl start --no-block etcd
  wait_for 120 'etcd: this member answers as part of the cluster' "$where" healthy
}

# Takes the member of ID $1 out, if it is in. etcd refuses where those that stay would have no quorum.
take_out() {
  local list
  list=$(members) || return
  ! grep -q "^$1 " <<<"$list" || etcdctl member remove "$1"
}
