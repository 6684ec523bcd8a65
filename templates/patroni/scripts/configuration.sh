#!/usr/bin/env bash
# configuration [remove]: applies the description to Patroni's dynamic configuration, which is in etcd. If a setting
# needs it, this step restarts PostgreSQL under the cluster's lock.
source /usr/local/lib/ninefold/patroni-api.sh

readonly wanted=/var/lib/ninefold/dynamic.yml

if [[ ${1:-} == remove ]]; then
  forget configuration
  exit
fi

has_leader() {
  local now
  now=$(members)
  jq -e 'any(.role == "leader")' <<<"$now" >/dev/null || { printf '%s\n' "$now"; false; }
}
# Writes the described settings to "$stage/settings.json", and checks whether the cluster has them. If an operator has
# paused the cluster, it stays paused.
is_current() {
  local held
  held=$(api GET "$PATRONI_ENDPOINT" /config) ||
    fail 'configuration: Patroni does not return its dynamic configuration' "$held" "look at: $where"
  python3 -c 'import json, sys, yaml
held = json.load(sys.stdin)
wanted = yaml.safe_load(open(sys.argv[1]))
if "pause" in held:
    wanted["pause"] = held["pause"]
json.dump(wanted, open(sys.argv[2], "w"))
sys.exit(held != wanted)' "$wanted" "$stage/settings.json" <<<"$held"
}

# A member reads new settings in its first round after the change. After the next round, it knows whether they need a
# restart.
declare -A first=()
all_have_read() {
  local host seen waiting=()
  for host in "${hosts[@]}"; do
    wake "$host"
    seen=$(api GET "$host" /patroni | jq '.dcs_last_seen // 0')
    if [[ -z ${first[$host]:-} ]]; then
      ((seen <= changed)) || first[$host]=$seen
      waiting+=("$host")
    elif ((seen <= first[$host])); then
      waiting+=("$host")
    fi
  done
  ((${#waiting[@]} == 0)) || { echo "not yet: ${waiting[*]}" >&2; false; }
}
wait_until_all_have_read() {
  local end=$((EPOCHSECONDS + patience * 300))
  ((end <= ${NINEFOLD_DEADLINE:-end})) || end=$NINEFOLD_DEADLINE
  until all_have_read 2>"$stage/answer"; do
    ((EPOCHSECONDS < end)) || fail 'configuration: not every member has read the new settings in time' \
      "$(<"$stage/answer")" "look at: $where"
    sleep $((patience > 1 ? patience : 0)).5
  done
}

# If Patroni has left out a parameter, restores the cluster's previous settings and fails. If PostgreSQL is down, nothing
# is known: then this sets `unanswered`.
unanswered=''
require_parameters() {
  local output status=0
  output=$(/usr/local/lib/ninefold/configuration-effective "$POSTGRES_PORT" 2>&1) || status=$?
  unanswered=''
  case $status in
    0) return ;;
    3) unanswered=$output; return ;;
  esac
  ctl edit-config --replace "$stage/before.json" --force >/dev/null
  restore_previous configuration
  fail 'configuration: PostgreSQL did not get these parameters; the cluster keeps its previous settings' \
    "$output" "$(journalctl --unit=patroni --since=-5m --no-pager -o cat | grep -E 'Removing|invalid value' | sort -u | tail -n 5 || true)" \
    'a name, a unit or a value is wrong: correct postgresql.parameters in the description'
}

receive
place
read -r -a hosts < <(header members)
scope=$(header scope)
readonly hosts scope
if [[ -z $(pending configuration) ]] && is_current; then
  exit
fi
# Waits for a leader only: a wrong setting may keep a member down until this change corrects it.
wait_for 300 'patroni: the cluster has a leader before a change' "$where" has_leader
if ! is_current; then
  [[ ! -e $state/applied/configuration ]] || api GET "$PATRONI_ENDPOINT" /config >"$stage/before.json"
  ctl edit-config --replace "$stage/settings.json" --force >/dev/null
  # A round that began before patronictl ended may have read the old settings.
  changed=$(date +%s)
  echo 'changed the settings that Patroni keeps in etcd'
  wait_until_all_have_read
  # During the first build, the user `monitor` does not exist yet. `pulumi up` checks the parameters at its end.
  [[ ! -s $stage/before.json ]] || require_parameters
fi
reach_etcd
under_lock "$scope" /usr/local/lib/ninefold/configuration-restart "$scope" "${hosts[@]}"
# If a wrong setting had kept PostgreSQL down, the change has brought it up.
if [[ -n $unanswered ]]; then
  require_parameters
  [[ -z $unanswered ]] || fail 'configuration: PostgreSQL on this node does not answer whether it got its parameters' "$unanswered" "look at: $where"
fi
record configuration
