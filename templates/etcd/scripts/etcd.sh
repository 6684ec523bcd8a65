#!/usr/bin/env bash
# etcd [remove [wipe]]: this machine's member. At birth the members start together; one whose machine
# is new joins the cluster that is there, one at a time; members that the description names no more are
# taken out once all it names are in; a change restarts one at a time, the leader last.
source /usr/local/lib/ninefold/lib.sh

readonly data=/var/lib/etcd/ninefold

# The cluster's list of members is left alone: when all is destroyed there is no cluster to tell, and a
# member that goes alone has been taken out by those that stay.
if [[ ${1:-} == remove ]]; then
  stop_units etcd
  forget etcd
  rm -f -- /var/lib/ninefold/etcd.{join,running,generation,certificates} /etc/ninefold/tls/etcd/refused.crl
  [[ ${2:-} != wipe ]] || wipe "$data" "$data".[0-9]*
  exit
fi

receive
require_unchanged etcd "$(header born)" 'ports and addresses of a member stay as they are: take it out, and add another'
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

# What each member has come to is written down in etcd itself, under its name.
reached() { etcdctl get --print-value-only "/ninefold/$scope/etcd/$1" 2>/dev/null; }
leading() {
  ETCDCTL_ENDPOINTS="$self" etcdctl endpoint status -w fields |
    awk '/^"MemberID"/ { member = $3 } /^"Leader"/ { leader = $3 } END { exit member "" != leader "" }'
}

# The members that have not come to this change yet, this one aside.
behind() {
  local pair name
  for pair in ${ETCD_INITIAL_CLUSTER//,/ }; do
    name=${pair%%=*}
    [[ $name == "$ETCD_NAME" || $(reached "$name") == "$change" ]] || printf '%s\n' "$name"
  done
}
none_behind() { local names; names=$(behind); [[ -z $names ]] || { echo "still to change: ${names//$'\n'/ }"; false; }; }

# What a member has come to stands in its write-ahead log; one that failed to start leaves a folder without.
has_data() { compgen -G "$data/member/wal/*.wal" >/dev/null; }
# Whether there is a cluster that this machine has no part in: because it is made anew, or added, or was
# added and then cut off. A cluster that is being born lists all its members by name from the start.
cluster_exists_without_this() {
  local listed
  any_member_answers || return 1
  wait_for 60 'etcd: the members that are there have a quorum' "$where" listed >/dev/null
  listed=$(listed)
  [[ -n $(reached "$ETCD_NAME") || -z $listed || $listed == *' - '* ]]
}
# Whether this machine's member was part of a cluster, and the description does not ask for a new one.
was_part() {
  local founded
  founded=$(cat -- "$state/etcd.generation" 2>/dev/null || echo 1)
  [[ -e $state/applied/etcd ]] && (($(header generation) <= founded))
}
# Fails where no member answers that could tell of the cluster: each is down, or has lost its data like this one. A new
# cluster would know neither which node led nor which was synchronous.
require_first_founding() {
  ! was_part || fail \
    "etcd: this machine's member was part of a cluster, its data is gone, and no member answers; nothing was founded" \
    'where a member still has its data, start that machine, then run '"'pulumi up'"' again' \
    'where no member has data: docs/operations/etcd.md, "All data is lost", says what to do before you raise etcd.generation in the description'
}
# A member that restarts answers a little later.
answers_later() {
  was_part && (wait_for 20 'etcd: a member answers' "$where" any_member_answers) >/dev/null 2>&1 && cluster_exists_without_this
}
# Whether the data here dates from before this member was taken out: no cluster takes it back.
taken_out() {
  local listed
  has_data && listed=$(listed 2>/dev/null) && [[ -z $listed ]]
}
# Makes the folder of the data for a new member, empty. etcd's user owns the folder around it, and could put a link in
# its place, by which root would give another folder away: root works in the folder itself, once it is known as such.
make_empty() (
  [[ -L $data ]] || mkdir -p -- "$data"
  cd -P -- "$data"
  [[ $(/bin/pwd -P) == "$(realpath -- "${data%/*}")/${data##*/}" ]] ||
    fail "etcd: $data leads to $(/bin/pwd -P); nothing was changed there" \
      "only root and etcd's own user can have put that link there" \
      "find out who did; then remove the link, and run 'pulumi up' again"
  install -d -o etcd -g etcd -m 0700 .
  rm -rf -- member
)
set_aside() {
  stop_units etcd
  mv -T -- "$data" "$data.$EPOCHSECONDS"
  echo "set the data of a former member aside: $data.$EPOCHSECONDS"
}

# What all members know of certificates stands in etcd: one that joins later refuses what the others refuse.
certificates() { /usr/local/lib/ninefold/etcd-certificates "$scope" "$@"; }
recall() { etcdctl get --print-value-only "/ninefold/$scope/etcd-certificates" >"$stage/recalled"; }
note() { etcdctl put "/ninefold/$scope/etcd-certificates" "$known"; }
# A connection that is open already is not asked again. The kernel ends those from machines that are described no more.
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
  wait_for 60 'etcd: it tells what it knows of certificates' "$where" recall
  known=$(certificates revoke <"$stage/recalled")
  [[ $known == "$(<"$stage/recalled")" ]] || wait_for 60 'etcd: it takes the note of its certificates' "$where" note
  [[ $known != *' -'* ]] || end_foreign_connections
}

locked() { etcdctl lock "/ninefold/$scope/disruption" "$@"; }
# What the process itself reads. Of a change in the list of members alone it need not know, nor of one in the comment
# that names the template of its settings.
reads() {
  {
    header secrets
    grep -v '^# Managed by Ninefold' /etc/default/etcd
    cat -- /etc/systemd/system/etcd.service.d/*.conf
    cat -- /var/lib/ninefold/versions/etcd 2>/dev/null || true
  } | sha256sum
}
restart() {
  ! leading || wait_for 300 'etcd: the other members have changed before the leader' "$where" none_behind
  # Waited for without the lock too: one that joins needs it.
  wait_for 300 'etcd: every other member is healthy before a restart' "$where" others_healthy
  locked /usr/local/lib/ninefold/etcd-restart
}

if [[ -n $(pending etcd) ]] || ! active; then
  # etcd reads the list of those it refuses at each handshake, and answers nobody without.
  certificates </dev/null >/dev/null
  # Also where it runs already: a run that was cut off starts it, and the next one's step `packages` disables what is
  # not on record.
  unit enable etcd
  # A disk of its own that is mounted there belongs to root, and etcd could not enter it.
  install -d -o etcd -g etcd -m 0700 "${data%/*}"
  # Without room, a step that needs a lock or healthy members would wait in vain.
  if active || { has_data && any_member_answers; }; then
    require_room_in_etcd
  fi
  active || upgrade etcd
  ! taken_out || set_aside
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
    reads >"$state/etcd.running"
  elif ! active; then
    start
    reads >"$state/etcd.running"
  fi
  surplus=$(undescribed)
  if [[ -n $surplus ]]; then
    wait_for 300 "etcd: every member that the description names is in, before $(names <<<"$surplus") is taken out" \
      "$where" etcdctl endpoint health
    locked /usr/local/lib/ninefold/etcd-take-out "$scope"
  fi
  # Not before: a member that is to go counts until it is taken out.
  refuse_former
  if [[ $(reads) != "$(cat -- "$state/etcd.running" 2>/dev/null)" ]]; then
    restart
    reads >"$state/etcd.running"
  fi
  header generation | write_atomically "$state/etcd.generation"
  record etcd
fi
note_change() { etcdctl put "/ninefold/$scope/etcd/$ETCD_NAME" "$change"; }
note_change >/dev/null 2>&1 || {
  require_room_in_etcd
  wait_for 60 'etcd: it takes a write' "$where" note_change
}
