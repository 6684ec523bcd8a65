#!/usr/bin/env bash
# etcd [remove [wipe]]: this machine's member. The members of a new cluster start together. A later member joins the
# existing cluster, one at a time. Members that the description no longer lists are removed once all that it lists have
# joined. A change restarts one member at a time, the leader last.
source /usr/local/lib/ninefold/lib.sh

readonly data=/var/lib/etcd/ninefold

# `remove` does not touch the cluster's list of members. If the whole cluster is destroyed, nothing needs the list;
# otherwise the other members have already removed this one.
if [[ ${1:-} == remove ]]; then
  stop_units etcd
  forget etcd
  rm -f -- /var/lib/ninefold/etcd.{join,running,generation,certificates} /etc/ninefold/tls/etcd/refused.crl
  [[ ${2:-} != wipe ]] || wipe "$data" "$data".[0-9]*
  exit
fi

receive
require_unchanged etcd "$(header born)" 'ports and addresses of a member cannot change: remove it, and add a new one'
place
set -a
# shellcheck source=/dev/null
source /etc/ninefold/etcd.env
# shellcheck source=/dev/null
source /etc/default/etcd
# shellcheck source=/dev/null
source /etc/ninefold/etcd-members.env
set +a
source /usr/local/lib/ninefold/etcd-members.sh
change=$(header change)
scope=$(header scope)
readonly change scope

# Prints the change that member $1 has reached. Each member writes it to etcd, under its name.
reached() { etcdctl get --print-value-only "/ninefold/$scope/etcd/$1" 2>/dev/null; }
leading() {
  ETCDCTL_ENDPOINTS="$self" etcdctl endpoint status -w fields |
    awk '/^"MemberID"/ { member = $3 } /^"Leader"/ { leader = $3 } END { exit member "" != leader "" }'
}

# Prints the other members that have not reached this change.
behind() {
  local pair name
  for pair in ${ETCD_INITIAL_CLUSTER//,/ }; do
    name=${pair%%=*}
    [[ $name == "$ETCD_NAME" || $(reached "$name") == "$change" ]] || printf '%s\n' "$name"
  done
}
none_behind() { local names; names=$(behind); [[ -z $names ]] || { echo "still to change: ${names//$'\n'/ }"; false; }; }

# Whether this member has data: a write-ahead log. A member that failed to start leaves its folder without one.
has_data() { compgen -G "$data/member/wal/*.wal" >/dev/null; }
# Whether a cluster exists and this machine is not a running part of it: because the machine is new or replaced, or was
# added and then interrupted. During a first start, the list has all members with their names.
cluster_exists_without_this() {
  local line
  any_member_answers || return 1
  wait_for 60 'etcd: the existing members have a quorum' "$where" own_line >/dev/null
  line=$(own_line)
  [[ -n $(reached "$ETCD_NAME") || -z $line || $line == *' - '* ]]
}
# Whether this machine's member was part of a cluster, and the description does not ask for a new one.
was_part() {
  local founded
  founded=$(cat -- "$state/etcd.generation" 2>/dev/null || echo 1)
  [[ -e $state/applied/etcd ]] && (($(header generation) <= founded))
}
# Fails if a cluster existed but no member answers: each is down, or has lost its data like this one. A new etcd cluster
# would know neither the last leader nor the synchronous replica.
require_first_founding() {
  ! was_part || fail \
    "etcd: this machine's member was part of a cluster, its data is gone, and no member answers; nothing was founded" \
    'if a member still has its data: start that machine, then run '"'pulumi up'"' again' \
    'if no member has data: follow docs/operations/etcd.md, "All data is lost", before you raise etcd.generation in the description'
}
# Waits for a member that may be restarting.
answers_later() {
  was_part && (wait_for 20 'etcd: a member answers' "$where" any_member_answers) >/dev/null 2>&1 && cluster_exists_without_this
}
# Whether the data here is that of a removed member: no cluster accepts it again.
was_removed() {
  local line
  has_data && line=$(own_line 2>/dev/null) && [[ -z $line ]]
}
# Creates the empty data folder of a new member. etcd's user owns the parent folder and could replace the data folder by
# a link, so that root would give a different folder to etcd. So root first enters the folder, checks its path, and then
# works in the current folder.
make_empty() (
  [[ -L $data ]] || mkdir -p -- "$data"
  cd -P -- "$data"
  [[ $(/bin/pwd -P) == "$(realpath -- "${data%/*}")/${data##*/}" ]] ||
    fail "etcd: $data leads to $(/bin/pwd -P); nothing was changed there" \
      "only root and the user etcd can have created that link" \
      "find out who did; then remove the link, and run 'pulumi up' again"
  install -d -o etcd -g etcd -m 0700 .
  rm -rf -- member
)
move_data_aside() {
  stop_units etcd
  mv -T -- "$data" "$data.$EPOCHSECONDS"
  echo "moved the data of a former member to $data.$EPOCHSECONDS"
}

# etcd contains the certificates that all members know, so that a later member refuses the same ones.
certificates() { /usr/local/lib/ninefold/etcd-certificates "$scope" "$@"; }
recall() { etcdctl get --print-value-only "/ninefold/$scope/etcd-certificates" >"$stage/recalled"; }
note() { etcdctl put "/ninefold/$scope/etcd-certificates" "$known"; }
# etcd does not check open connections again. This makes the kernel close those from machines that the description no
# longer lists.
end_foreign_connections() {
  local machine strangers=() port
  command -v ss >/dev/null || return 0
  for machine in $(header callers); do
    strangers+=(and not dst "$machine")
  done
  ((${#strangers[@]})) || return 0
  for port in "${self##*:}" "${ETCD_INITIAL_ADVERTISE_PEER_URLS##*:}"; do
    ss -K -Htn state established sport = ":$port" "${strangers[@]}" >/dev/null 2>&1 || true
  done
}
refuse_former() {
  local known
  wait_for 60 'etcd: it returns its list of known certificates' "$where" recall
  known=$(certificates revoke <"$stage/recalled")
  [[ $known == "$(<"$stage/recalled")" ]] || wait_for 60 'etcd: it stores its list of known certificates' "$where" note
  [[ $known != *' -'* ]] || end_foreign_connections
}

locked() { etcdctl lock "/ninefold/$scope/disruption" "$@"; }
# Prints a digest of what the process reads when it starts. It leaves out the list of members, which matters only for a
# first start, and the comment with the template's name.
settings_digest() {
  {
    header secrets
    grep -v '^# Managed by Ninefold' /etc/default/etcd
    cat -- /etc/systemd/system/etcd.service.d/*.conf
    cat -- /var/lib/ninefold/versions/etcd 2>/dev/null || true
  } | sha256sum
}
restart() {
  ! leading || wait_for 300 'etcd: the other members have changed before the leader' "$where" none_behind
  # This waits without the lock, because a member that joins needs the lock.
  wait_for 300 'etcd: every other member is healthy before a restart' "$where" others_healthy
  locked /usr/local/lib/ninefold/etcd-restart
}

if [[ -n $(pending etcd) ]] || ! active; then
  # etcd reads the list of refused certificates at each handshake, and accepts no connection without it.
  certificates </dev/null >/dev/null
  # Even if it already runs: after an interrupted run, the step `packages` disables each service that is not recorded.
  unit enable etcd
  # A disk that is mounted there belongs to root, and etcd could not enter it.
  install -d -o etcd -g etcd -m 0700 "${data%/*}"
  # If etcd is full, waiting for a lock or for healthy members would be in vain.
  if active || { has_data && any_member_answers; }; then
    require_room_in_etcd
  fi
  active || upgrade etcd
  ! was_removed || move_data_aside
  if ! has_data; then
    make_empty
    rm -f -- /var/lib/ninefold/etcd.join
    if cluster_exists_without_this || answers_later; then
      require_room_in_etcd
      locked /usr/local/lib/ninefold/etcd-join
    else
      require_first_founding
      start
    fi
    settings_digest >"$state/etcd.running"
  elif ! active; then
    start
    settings_digest >"$state/etcd.running"
  fi
  surplus=$(undescribed)
  if [[ -n $surplus ]]; then
    wait_for 300 "etcd: every described member has joined, before $(names <<<"$surplus") is removed" \
      "$where" etcdctl endpoint health
    locked /usr/local/lib/ninefold/etcd-take-out "$scope"
  fi
  # Not earlier: a member that is to be removed is needed until then.
  refuse_former
  if [[ $(settings_digest) != "$(cat -- "$state/etcd.running" 2>/dev/null)" ]]; then
    restart
    settings_digest >"$state/etcd.running"
  fi
  header generation | write_atomically "$state/etcd.generation"
  record etcd
fi
note_change() { etcdctl put "/ninefold/$scope/etcd/$ETCD_NAME" "$change"; }
note_change >/dev/null 2>&1 || {
  require_room_in_etcd
  wait_for 60 'etcd: it accepts a write' "$where" note_change
}
