#!/usr/bin/env bash
# administrator: which of the stack's keys let the administrator in. A key that somebody else has added stays.
source /usr/local/lib/ninefold/lib.sh

# The keys that this step has added, or may have added before it was cut off: "TYPE KEY" a line.
readonly known=$state/administrator-keys

receive
[[ -n $(pending administrator) ]] || exit 0
user=$(header administrator)
header authorized | sort -u >"$stage/authorized"
[[ -s $stage/authorized ]] || fail 'administrator: no key would let in any more; nothing was changed'
home=$(getent passwd "$user" | cut -d: -f6) || true
[[ -d $home ]] || fail "administrator: user $user has no home; nothing was changed" \
  'look at: access.user in the description'
readonly keys=$home/.ssh/authorized_keys

touch -- "$known"
sort -u -- "$known" "$stage/authorized" >"$stage/known"
write_whole "$known" <"$stage/known"
group=$(id -gn "$user")
[[ -d $home/.ssh ]] || install -d -o "$user" -g "$group" -m 0700 -- "$home/.ssh"
{
  # A line may have options before the type of its key, and a comment behind the key.
  [[ ! -e $keys ]] || awk -v known="$stage/known" '
    BEGIN { while ((getline line <known) > 0) { split(line, part, " "); ours[part[2]] } }
    { for (i = 1; i <= NF; i++) if ($i in ours) next; print }' "$keys"
  cat -- "$stage/authorized"
} >"$stage/keys"
if [[ ! -e $keys ]] || ! cmp -s -- "$stage/keys" "$keys"; then
  install -o "$user" -g "$group" -m 0600 -- "$stage/keys" "$keys.ninefold"
  sync -- "$keys.ninefold"
  mv -f -- "$keys.ninefold" "$keys"
  echo "$user is let in by $(wc -l <"$stage/authorized") of the stack's keys"
fi
write_whole "$known" <"$stage/authorized"
record administrator
