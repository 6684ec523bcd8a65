#!/usr/bin/env bash
# configuration [remove]: keeps the settings that Patroni holds in etcd in step with the description.
# Where a setting needs PostgreSQL restarted, that is done under the cluster's lock.
source /usr/local/lib/ninefold/patroni-api.sh

readonly wanted=/var/lib/ninefold/dynamic.yml

if [[ ${1:-} == remove ]]; then
  forget configuration
  exit
fi

led() {
  local now
  now=$(members)
  jq -e 'any(.role == "leader")' <<<"$now" >/dev/null || { printf '%s\n' "$now"; false; }
}
# Writes the settings that the cluster is to have to "$stage/settings.json", and tells whether it has them. A pause
# is an operator's, and stays.
in_step() {
  local held
  held=$(api GET "$PATRONI_ENDPOINT" /config) || fail 'patroni: it does not tell its settings' "$held" "look at: $where"
  python3 -c 'import json, sys, yaml
held = json.load(sys.stdin)
wanted = yaml.safe_load(open(sys.argv[1]))
if "pause" in held:
    wanted["pause"] = held["pause"]
json.dump(wanted, open(sys.argv[2], "w"))
sys.exit(held != wanted)' "$wanted" "$stage/settings.json" <<<"$held"
}

# A member takes new settings in its first round after the change, and knows by the next one
# whether they need a restart.
declare -A first=()
taken() {
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
all_take() {
  local end=$((EPOCHSECONDS + patience * 300))
  ((end <= ${NINEFOLD_DEADLINE:-end})) || end=$NINEFOLD_DEADLINE
  until taken 2>"$stage/answer"; do
    ((EPOCHSECONDS < end)) || fail 'patroni: not every member has taken the new settings in time' \
      "$(<"$stage/answer")" "look at: $where"
    sleep $((patience > 1 ? patience : 0)).5
  done
}

# Ends the step where PostgreSQL did not get a parameter: then the cluster goes on with the settings it had.
# PostgreSQL that is down tells nothing, and sets `unanswered`.
unanswered=''
require_parameters() {
  local said status=0
  said=$(/usr/local/lib/ninefold/configuration-effective "$POSTGRES_PORT" 2>&1) || status=$?
  unanswered=''
  case $status in
    0) return ;;
    3) unanswered=$said; return ;;
  esac
  ctl edit-config --replace "$stage/before.json" --force >/dev/null
  restore_previous configuration
  fail 'configuration: PostgreSQL did not get these parameters, and the cluster goes on with the settings it had' \
    "$said" "$(journalctl --unit=patroni --since=-5m --no-pager -o cat | grep -E 'Removing|invalid value' | sort -u | tail -n 5 || true)" \
    'a name, a unit or a value is wrong: correct postgresql.parameters in the description'
}

receive
place
read -r -a hosts < <(header members)
scope=$(header scope)
readonly hosts scope
if [[ -z $(pending configuration) ]] && in_step; then
  exit
fi
# A member that a bad setting keeps down comes up by the change: it isn't waited for before.
wait_for 300 'patroni: the cluster has a leader before a change' "$where" led
if ! in_step; then
  [[ ! -e $state/applied/configuration ]] || api GET "$PATRONI_ENDPOINT" /config >"$stage/before.json"
  ctl edit-config --replace "$stage/settings.json" --force >/dev/null
  # A round that began while patronictl was at work may have read the old ones.
  changed=$(date +%s)
  echo 'changed the settings that Patroni keeps in etcd'
  all_take
  # A first build has no user to ask by yet: its parameters are checked once everything stands.
  [[ ! -s $stage/before.json ]] || require_parameters
fi
reach_etcd
under_lock "$scope" /usr/local/lib/ninefold/configuration-restart "$scope" "${hosts[@]}"
# PostgreSQL that a bad setting kept down has come up by the change.
if [[ -n $unanswered ]]; then
  require_parameters
  [[ -z $unanswered ]] || fail 'configuration: PostgreSQL here does not tell whether it got its parameters' "$unanswered" "look at: $where"
fi
record configuration
