#!/usr/bin/env bash
# system [remove]: kernel settings, the clock, how ssh lets the administrator in, and the timer that looks
# at certificates.
source /usr/local/lib/ninefold/lib.sh

readonly ssh=/etc/ssh/sshd_config.d/05-ninefold.conf
readonly chrony=/etc/chrony/conf.d/ninefold.conf
readonly units=(ninefold-certificates.timer ninefold-certificates.service)

# Logs in as the administrator, by a key made for this, to an sshd that has the new settings and
# listens nowhere: its two ends are a pipe.
let_in() {
  local trial=/run/ninefold-trial user
  user=$(header administrator)
  rm -rf -- "$trial"
  install -d -m 0755 "$trial"
  ssh-keygen -q -t ed25519 -N '' -f "$stage/key"
  install -m 0644 "$stage/key.pub" "$trial/keys"
  { printf 'Include %s\n' "$(staged $ssh)"; cat /etc/ssh/sshd_config; } >"$stage/sshd_config"
  # There is no host whose key could be another's.
  ssh -F none -i "$stage/key" -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=$((20 * patience)) \
    -o ProxyCommand="/usr/sbin/sshd -i -e -f $stage/sshd_config -o AuthorizedKeysFile=$trial/keys -o LoginGraceTime=$((120 * patience))" \
    "$user@trial" true 2>&1
  local result=$?
  rm -rf -- "$trial"
  return $result
}

if [[ ${1:-} == remove ]]; then
  stop_units "${units[@]}"
  forget system
  read_units "${units[@]}"
  systemctl --quiet try-reload-or-restart ssh || true
  exit
fi
receive
# Without its router such a machine would lose its way to other networks.
! follows_a_router || sed -i '/accept_ra /d' "$(staged /etc/sysctl.d/60-ninefold.conf)"
todo=$(pending system)
if grep -qxF $ssh <<<"$todo" && [[ -e $(staged $ssh) ]]; then
  said=$(let_in) || fail 'system: under the new settings of sshd its administrator could not log in; the old ones stay' \
    "$(tail -n 5 <<<"$said")" "look at: access in the description; or keep the machine's own settings by access.harden: false"
fi
place
# A drop-in may not be read, or not be the first to say something. Whatever sshd reads, it goes on with what it has read
# before until it is told.
if [[ -n $todo ]] && grep -q "^$ssh " "$stage/index"; then
  if ! said=$(/usr/local/lib/ninefold/sshd-effective $ssh 2>&1); then
    put_back system
    fail "system: sshd would not do what $ssh asks; the old settings stay" "$said" \
      'take out or correct what stands in its way, then run '"'pulumi up'"' again' \
      "or keep the machine's own settings by access.harden: false"
  fi
fi
if [[ -n $todo ]]; then
  # A container can't set what belongs to its host; what a kernel refuses is said, and is not fatal.
  sysctl -q -p /etc/sysctl.d/60-ninefold.conf 2>&1 | sed 's/^/kernel: /' || true
  if [[ -e $chrony ]] && grep -qxF $chrony <<<"$todo"; then
    unit enable chrony
    unit restart chrony
  fi
  read_units "${units[@]}"
  unit enable ninefold-certificates.timer
  unit restart ninefold-certificates.timer
  if grep -qxF $ssh <<<"$todo"; then
    systemctl --quiet try-reload-or-restart ssh
    echo 'reloaded ssh'
  fi
  record system
fi
