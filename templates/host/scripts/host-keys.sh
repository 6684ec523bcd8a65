#!/usr/bin/env bash
# host-keys: replaces the host key of the first boot with the stack's. During a rotation sshd has two keys of different
# types, because a client asks for the type of the key that it knows.
source /usr/local/lib/ninefold/lib.sh

# The files of the first boot: its key, and the setting that makes sshd use it.
readonly first=(/etc/ssh/ssh_host_{ed25519,ecdsa}_key{,.pub})
readonly settings=/etc/ssh/sshd_config.d/10-ninefold.conf

has_key() {
  [[ $(ssh-keyscan -T 5 -p "$1" -t ed25519,ecdsa 127.0.0.1 2>&1) == *"$2"* ]]
}

receive
[[ -n $(pending host-keys) ]] || exit 0
place
if [[ -e $settings ]]; then
  sed '/^HostKey /d' "$settings" | write_atomically "$settings"
fi
output=$(/usr/sbin/sshd -t 2>&1) || fail 'host-keys: sshd refuses its configuration; the running sshd keeps the old keys' \
  "$output" "look at: /etc/ssh/sshd_config.d; correct it before this machine reboots, then run 'pulumi up' again"
systemctl --quiet try-reload-or-restart ssh
port=$(header port)
while read -r key; do
  wait_for 20 "host-keys: sshd has the host key $key" 'journalctl -u ssh' has_key "$port" "$key"
done < <(header shows)
rm -f -- "${first[@]}"
echo "sshd has $(header shows | wc -l) host keys of the stack"
record host-keys
