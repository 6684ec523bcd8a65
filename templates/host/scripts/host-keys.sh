#!/usr/bin/env bash
# host-keys: which keys this machine's sshd shows, once it is to be another than that of the first boot. While a
# key is exchanged there are two, of different types: a client asks for the type of the one that it knows.
source /usr/local/lib/ninefold/lib.sh

# What the first boot wrote: its key, and that sshd shows it.
readonly first=(/etc/ssh/ssh_host_{ed25519,ecdsa}_key{,.pub})
readonly settings=/etc/ssh/sshd_config.d/10-ninefold.conf

shows() {
  [[ $(ssh-keyscan -T 5 -p "$1" -t ed25519,ecdsa 127.0.0.1 2>&1) == *"$2"* ]]
}

receive
[[ -n $(pending host-keys) ]] || exit 0
place
if [[ -e $settings ]]; then
  sed '/^HostKey /d' "$settings" | write_whole "$settings"
fi
said=$(/usr/sbin/sshd -t 2>&1) || fail 'host-keys: sshd refuses its configuration; the one that runs goes on with the old keys' \
  "$said" 'look at: /etc/ssh/sshd_config.d, and put right what it says before this machine starts anew'
systemctl --quiet try-reload-or-restart ssh
port=$(header port)
while read -r key; do
  wait_for 20 "ssh shows its host key $key" 'journalctl -u ssh' shows "$port" "$key"
done < <(header shows)
rm -f -- "${first[@]}"
echo "ssh shows $(header shows | wc -l) host keys of the stack's"
record host-keys
