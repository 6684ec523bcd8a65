#!/usr/bin/env bash
# leave [wipe]: removes what the services' own steps have left: apt sources, users, scripts. Pulumi does not know steps
# that failed at their first run, so `leave` runs their removal too. Packages stay. Without `wipe`, the data stays too,
# with the name of its cluster and the settings that are fixed at the first installation.
source /usr/local/lib/ninefold/lib.sh

for name in keepalived haproxy databases stanza configuration pgbouncer patroni etcd pgbackrest \
  firewall secrets system packages; do
  [[ ! -e $state/applied/$name && ! -e $state/tried/$name ]] || "/usr/local/lib/ninefold/$name" remove "$@"
done
rm -f -- /etc/postgresql-common/createcluster.d/ninefold.conf /var/log/ninefold-packages.log
install -d -m 0711 "$stage/kept"
if [[ -e $state/made-users ]]; then
  while read -r name home; do
    # A user who owns data stays.
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
# A later cluster on this data needs these.
[[ ${1:-} == wipe ]] || cp -a -- "$state/cluster" "$stage/kept"
[[ ${1:-} == wipe || ! -e $state/born ]] || cp -a -- "$state/born" "$stage/kept"
rm -rf -- "$state"
[[ ${1:-} == wipe ]] || cp -a -- "$stage/kept" "$state"
systemctl daemon-reload
rm -rf -- /usr/local/lib/ninefold
