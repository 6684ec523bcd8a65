# shellcheck shell=bash
# Functions that the scripts for an etcd member share. They expect the settings of etcd and etcdctl in the environment.

readonly self=$ETCD_ADVERTISE_CLIENT_URLS
# Used by the scripts that source this one.
# shellcheck disable=SC2034
readonly where='journalctl -u etcd, on every etcd member'

active() { [[ $(systemctl is-active etcd) == active ]]; }
# While a member has no quorum, systemd shows it as activating. Asking systemd first saves etcdctl's timeout.
healthy() {
  active || { echo 'etcd has not come up yet'; return 1; }
  ETCDCTL_ENDPOINTS="$self" etcdctl endpoint health
}
# Prints the endpoints that accept connections. etcdctl would need seconds for each of the others.
listening() {
  local url address
  for url in ${ETCDCTL_ENDPOINTS//,/ }; do
    address=${url#*://}
    ! timeout 1 bash -c "exec 3<>/dev/tcp/${address%:*}/${address##*:}" 2>/dev/null || printf '%s\n' "$url"
  done | paste -sd,
}
# Whether a member answers. A member answers only after it was part of a quorum, so during the first start none does.
any_member_answers() {
  local urls
  urls=$(listening)
  [[ -n $urls && -n $(ETCDCTL_ENDPOINTS=$urls ETCDCTL_COMMAND_TIMEOUT=2s etcdctl endpoint status 2>/dev/null) ]]
}

# Prints a line for each member of the cluster: ID, name, peer URL, client URL. A member that was added and has never
# started has "-" instead of its name and client URL.
members() {
  etcdctl member list |
    awk -F', ' '{ print $1, ($3 == "" ? "-" : $3), $4, ($5 == "" ? "-" : $5) }'
}
# Prints this machine's line, if it has one.
own_line() { members | awk -v peer="$ETCD_INITIAL_ADVERTISE_PEER_URLS" '$3 == peer'; }
# Prints the lines of the members that the description does not list.
undescribed() {
  members | awk -v pairs="$ETCD_INITIAL_CLUSTER" '
    BEGIN { n = split(pairs, pair, ","); for (i = 1; i <= n; i++) named[substr(pair[i], index(pair[i], "=") + 1)] }
    !($3 in named)'
}
names() { awk '{ print ($2 == "-" ? $3 : $2) }' | paste -sd' '; }

# Does not require this member to be healthy: it may need the change to become so.
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

# Removes the member with ID $1 from the cluster, if it is listed. etcd refuses if the others would have no quorum.
remove_member() {
  local list
  list=$(members) || return
  ! grep -q "^$1 " <<<"$list" || etcdctl member remove "$1"
}
