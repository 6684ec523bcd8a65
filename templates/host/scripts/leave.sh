#!/usr/bin/env bash
# leave [wipe]: takes away what the services' own steps have left: sources of packages, users, scripts.
# A step that failed at its first run is unknown to Pulumi, so what it left is taken away here as well.
# Packages stay. Data stays too, with the name of its cluster and what it was born with beside it, unless it is to be wiped.
source /usr/local/lib/ninefold/lib.sh

for name in keepalived haproxy databases stanza configuration pgbouncer patroni etcd pgbackrest \
  firewall secrets system packages; do
  [[ ! -e $state/applied/$name && ! -e $state/tried/$name ]] || "/usr/local/lib/ninefold/$name" remove "$@"
done
rm -f -- /etc/postgresql-common/createcluster.d/ninefold.conf /var/log/ninefold-packages.log
install -d -m 0711 "$stage/kept"
if [[ -e $state/made-users ]]; then
  while read -r name home; do
    # One that owns data stays with it.
    if [[ -e $home && ${1:-} != wipe ]]; then
      printf '%s %s\n' "$name" "$home" >>"$stage/kept/made-users"
    else
      userdel "$name"
    fi
  done <"$state/made-users"
fi
rm -rf -- /etc/ninefold
if [[ -e $state/made-directories ]]; then
  sort -ru "$state/made-directories" | while read -r directory; do
    [[ ! -d $directory ]] || rmdir --ignore-fail-on-non-empty -- "$directory"
  done
fi
# With the data stays what it was born with.
[[ ${1:-} == wipe ]] || cp -a -- "$state/cluster" "$stage/kept"
[[ ${1:-} == wipe || ! -e $state/born ]] || cp -a -- "$state/born" "$stage/kept"
rm -rf -- "$state"
[[ ${1:-} == wipe ]] || cp -a -- "$stage/kept" "$state"
systemctl daemon-reload
rm -rf -- /usr/local/lib/ninefold
