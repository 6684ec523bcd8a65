#!/usr/bin/env bash
# system [remove]: kernel settings, chrony, the settings of sshd, and the timer that checks the certificates.
source /usr/local/lib/ninefold/lib.sh

readonly ssh=/etc/ssh/sshd_config.d/05-ninefold.conf
readonly chrony=/etc/chrony/conf.d/ninefold.conf
readonly units=(ninefold-certificates.timer ninefold-certificates.service)

# Tries whether the administrator can log in under the new settings: with a temporary key, to an sshd that listens on no
# port, because ssh talks to it through a pipe.
try_login() {
  local trial=/run/ninefold-trial user
  user=$(header administrator)
  rm -rf -- "$trial"
  install -d -m 0755 "$trial"
  ssh-keygen -q -t ed25519 -N '' -f "$stage/key"
  install -m 0644 "$stage/key.pub" "$trial/keys"
  { printf 'Include %s\n' "$(staged $ssh)"; cat /etc/ssh/sshd_config; } >"$stage/sshd_config"
  # This ssh connects to no host, so there is no host key to check.
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
  reload_unit_files "${units[@]}"
  systemctl --quiet try-reload-or-restart ssh || true
  exit
fi
receive
# Such a machine needs its router's advertisements to reach other networks.
! uses_router_advertisements || sed -i '/accept_ra /d' "$(staged /etc/sysctl.d/60-ninefold.conf)"
todo=$(pending system)
if grep -qxF $ssh <<<"$todo" && [[ -e $(staged $ssh) ]]; then
  output=$(try_login) || fail 'system: under the new settings of sshd the administrator could not log in; the old settings stay' \
    "$(tail -n 5 <<<"$output")" "look at: access in the description; or keep the machine's own settings with access.harden: false"
fi
place
# sshd may not read the drop-in, or another file may come first. sshd uses its old settings until it is reloaded below.
if [[ -n $todo ]] && grep -q "^$ssh " "$stage/index"; then
  if ! output=$(/usr/local/lib/ninefold/sshd-effective $ssh 2>&1); then
    restore_previous system
    fail "system: sshd would not use all settings of $ssh; the old settings stay" "$output" \
      'remove or correct the conflicting configuration, then run '"'pulumi up'"' again' \
      "or keep the machine's own settings with access.harden: false"
  fi
fi
if [[ -n $todo ]]; then
  # A container can't change settings of its host's kernel. What the kernel refuses is printed, and is not an error.
  sysctl -q -p /etc/sysctl.d/60-ninefold.conf 2>&1 | sed 's/^/kernel: /' || true
  if [[ -e $chrony ]] && grep -qxF $chrony <<<"$todo"; then
    unit enable chrony
    unit restart chrony
  fi
  reload_unit_files "${units[@]}"
  unit enable ninefold-certificates.timer
  unit restart ninefold-certificates.timer
  if grep -qxF $ssh <<<"$todo"; then
    systemctl --quiet try-reload-or-restart ssh
    echo 'reloaded ssh'
  fi
  record system
fi
