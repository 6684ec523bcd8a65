#!/usr/bin/env bash
# administrator: installs the ssh keys of the administrator. Keys that somebody else has added stay.
source /usr/local/lib/ninefold/lib.sh

# The keys that this step has added, or may have added before it was interrupted, as lines "TYPE KEY".
readonly known=$state/administrator-keys

receive
[[ -n $(pending administrator) ]] || exit 0
user=$(header administrator)
header authorized | sort -u >"$stage/authorized"
[[ -s $stage/authorized ]] || fail 'administrator: no key would be left to log in with; nothing was changed' \
  'look at: machines.sshKey in the description'
home=$(getent passwd "$user" | cut -d: -f6) || true
[[ -d $home ]] || fail "administrator: user $user has no home directory; nothing was changed" \
  'look at: access.user in the description'
readonly keys=$home/.ssh/authorized_keys

touch -- "$known"
sort -u -- "$known" "$stage/authorized" >"$stage/known"
write_atomically "$known" <"$stage/known"
group=$(id -gn "$user")
[[ -d $home/.ssh ]] || install -d -o "$user" -g "$group" -m 0700 -- "$home/.ssh"
{
  # A line may have options before the key's type, and a comment after the key.
  [[ ! -e $keys ]] || awk -v known="$stage/known" '
    BEGIN { while ((getline line <known) > 0) { split(line, part, " "); ours[part[2]] } }
    { for (i = 1; i <= NF; i++) if ($i in ours) next; print }' "$keys"
  cat -- "$stage/authorized"
} >"$stage/keys"
if [[ ! -e $keys ]] || ! cmp -s -- "$stage/keys" "$keys"; then
  install -o "$user" -g "$group" -m 0600 -- "$stage/keys" "$keys.ninefold"
  sync -- "$keys.ninefold"
  mv -f -- "$keys.ninefold" "$keys"
  echo "$user can log in with $(wc -l <"$stage/authorized") keys of the stack"
fi
write_atomically "$known" <"$stage/authorized"
record administrator
