#!/usr/bin/env bash
# packages [remove | upgrade SERVICE]: installs the packages named on the list in the bundle, in one transaction,
# and keeps what they bring from starting: a default instance would take the ports and leave data.
# `upgrade` installs the versions at which a running service is held; the service's own step calls it.
source /usr/local/lib/ninefold/lib.sh

readonly list=/var/lib/ninefold/packages
readonly policy=/usr/sbin/policy-rc.d
readonly upgrades=/etc/apt/apt.conf.d/55ninefold-upgrades

# Prints those packages of the list $1 that are not installed, or not at their version.
missing() {
  local wanted name version installed
  while read -r wanted; do
    name=${wanted%%=*}
    version=${wanted#"$name"}
    installed=$(dpkg-query -W -f '${db:Status-Abbrev}=${Version}' "$name" 2>/dev/null) || installed=
    # A held version may end in a star, as for apt.
    # shellcheck disable=SC2053
    [[ $installed == "ii ="${version#=} || ($installed == ii* && -z $version) ]] || printf '%s\n' "$wanted"
  done <"$1"
}

# Whether the step of a service that runs here will install package $1. Those steps go one machine after the other, so
# a bad build stops at the first. pgBackRest is not among them, because its versions must agree everywhere.
is_for_later() {
  local service
  case ${1%%=*} in
    etcd-server) service=etcd ;;
    patroni) service=patroni ;;
    pgbouncer | haproxy | keepalived) service=${1%%=*} ;;
    *) [[ ${1%%=*} =~ ^postgresql-[0-9]+$ ]] && service=patroni || return 1 ;;
  esac
  # A version on record was installed before, and somebody else has changed it since. A step that has not come to its
  # end has placed its files, and installs the version still.
  [[ $1 == *=* && -e $state/applied/$service && $(systemctl is-active "$service") == active ]] &&
    { [[ -e $state/tried/$service ]] || ! grep -qsxF -- "$1" "/var/lib/ninefold/versions/$service"; }
}

# The installation's own output goes to a log: what failed stands in its last lines.
readonly log=/var/log/ninefold-packages.log
apt() {
  local back=()
  # Restarts are for the services' own steps, in their order.
  until NEEDRESTART_SUSPEND=1 DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold "$@" >"$stage/said" 2>&1 </dev/null; do
    # The lists have a lock of their own, and apt doesn't wait for that one.
    if ! grep -q 'Could not get lock' "$stage/said" || ((EPOCHSECONDS >= ${NINEFOLD_DEADLINE:-0})); then
      cat -- "$stage/said" >>"$log"
      [[ -n $settled ]] || back=('this machine gets back the sources and settings that its apt had before')
      fail "packages: 'apt-get ${*}' failed" "$(grep -E '^(E|W|Err):|dpkg:' "$log" | tail -n 8)" "${back[@]}" \
        "look at: $log; check the mirror, the proxy, the repository and the versions under 'packages' in the description"
    fi
    sleep 2
  done
  cat -- "$stage/said" >>"$log"
}

# Has apt itself read this machine's sources together with those of the bundle: apt does not work at all while one
# source is named twice with two keys.
require_readable_sources() {
  local path parts=$stage/sources.list.d said ours=() others=(/etc/apt/sources.list) named=()
  mapfile -t ours < <(awk '$1 ~ "^/etc/apt/sources.list.d/" { print $1 }' "$stage/index")
  ((${#ours[@]} > 0)) || return 0
  mkdir -- "$parts"
  for path in /etc/apt/sources.list.d/*.{list,sources}; do
    # A file that the cluster placed there is replaced now, or removed.
    if [[ -f $path && " ${ours[*]} " != *" $path "* ]] && ! grep -qxF -- "$path" "$state/placed" 2>/dev/null; then
      cp -- "$path" "$parts"
      others+=("$path")
    fi
  done
  for path in "${ours[@]}"; do
    cp -- "$(staged "$path")" "$parts/${path##*/}"
  done
  said=$(apt-get -o Dir::Etc::sourcelist=/etc/apt/sources.list -o Dir::Etc::sourceparts="$parts" indextargets \
    2>&1 >/dev/null) && { require_host_of_its_own "$parts"; return; }
  mapfile -t named < <(for path in "${ours[@]}"; do sed -n 's|^URIs: \(.*[^/]\)/*$|\1|p' "$parts/${path##*/}"; done |
    grep -lFf - -- "${others[@]}" 2>/dev/null)
  fail "packages: apt could not read its sources with those that 'packages' in the description names; nothing was changed" \
    "$(awk '!seen[$0]++' <<<"$said")" "${named[@]/#/named on this machine already: }" \
    "take the entry out of that file, or leave it out of 'packages' in the description; then run 'pulumi up' again"
}

# apt tells sources apart by their hosts alone, so what holds for the further repository would hold for all of its host:
# where the distribution comes from there too, security updates would not.
require_host_of_its_own() {
  local parts=$1 path=/etc/apt/preferences.d/ninefold-repository host named
  grep -q "^$path " "$stage/index" || return 0
  host=$(sed -n 's|^URIs: [a-z]*://\([^/:]*\).*|\1|p' "$(staged /etc/apt/sources.list.d/ninefold.sources)")
  sed -i "s/@HOST@/$host/" "$(staged $path)"
  named=$({ cat -- /etc/apt/sources.list || true; find "$parts" -type f ! -name ninefold.sources -exec cat -- {} +; } 2>/dev/null |
    sed 's|[a-z+]*://\([^/@ ]*@\)\{0,1\}|\n//|g')
  if grep -qE "^//${host//./\\.}(:[0-9]+)?(/| |\$)" <<<"$named"; then
    printf '# Another source has the host %s as well: apt could not tell them apart.\n' "$host" >"$(staged $path)"
    echo "packages.repository may replace any package: another source of this machine has its host $host too"
  fi
}

# The addresses of the sources that the description names.
described_sources() {
  told_to_apt "$state/applied/packages" "$state/tried/packages" | grep '/sources.list.d/' |
    while read -r path; do sed -n 's|^URIs: \(.*[^/]\)/*$|\1/|p' "$path" 2>/dev/null || true; done
}

# Reads the lists of packages anew. Where a source can't be read apt goes on with its old list, which whoever stands in
# between may want: of a source that is described that ends the step, of another one it is told.
refresh() {
  local failed source uri
  apt update
  failed=$(sed -n 's|^[WE]: Failed to fetch \([^ ]*\).*|\1|p' "$stage/said" | sort -u)
  [[ -n $failed ]] || return 0
  while read -r source; do
    while read -r uri; do
      [[ $uri != "$source"* ]] || fail "packages: the list of $source can't be read anew; nothing was installed" \
        "$(grep -E '^(E|W|Err):' "$stage/said" | tail -n 8)" \
        "look at: that source and its key, under 'packages' in the description; then run 'pulumi up' again"
    done <<<"$failed"
  done < <(described_sources)
  printf 'an old list is in use, or none, of: %s\n' "${failed//$'\n'/, }"
}

# The files under /etc/apt that the lists $@ name.
told_to_apt() { cat -- "$@" 2>/dev/null | awk '$2 ~ "^/etc/apt/" { print $2 }' | sort -u; }
# Keeps apt's files of the last step that succeeded.
keep_told() {
  local path
  while read -r path; do
    [[ -e $path ]] || continue
    mkdir -p -- "$stage/told${path%/*}"
    cp -a -- "$path" "$stage/told$path"
  done < <(told_to_apt "$state/applied/packages")
}
# Puts those files back: with a wrong source or proxy, apt works for nobody on this machine.
give_back() {
  local path
  while read -r path; do
    if [[ ! -e $stage/told$path ]]; then
      take_away "$path"
    elif ! cmp -s -- "$stage/told$path" "$path"; then
      keep_original "$path"
      cp -a -- "$stage/told$path" "$path.ninefold"
      mv -f -- "$path.ninefold" "$path"
    fi
  done < <(told_to_apt "$state/applied/packages" "$state/tried/packages")
}
settled=''
ended() {
  let_start
  [[ -n $settled ]] || give_back
  rm -rf -- "$stage"
}

user() {
  ! id -u "$1" >/dev/null 2>&1 || return 0
  useradd --system --home-dir "$2" --shell /usr/sbin/nologin "$1"
  printf '%s %s\n' "$1" "$2" >>"$state/made-users"
}

# Ours may still be there from a run that was cut off.
let_start() {
  ! grep -qs ninefold "$policy" || rm -f -- "$policy"
  [[ ! -e $policy.ninefold ]] || mv -- "$policy.ninefold" "$policy"
}

# Installs the packages $@ and starts no service.
install_all() {
  [[ ! -e $policy ]] || mv -- "$policy" "$policy.ninefold"
  printf '#!/bin/sh\n# ninefold\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/ninefold.conf
  dpkg --configure -a >/dev/null 2>&1 || true
  : >"$log"
  refresh
  # Written to disk once, at the end, and not at each of a hundred packages.
  apt install --no-install-recommends --allow-downgrades -o Dpkg::Options::=--force-unsafe-io "$@"
  sync
  let_start
  printf 'installed %s\n' "$*"
}

if [[ ${1:-} == remove ]]; then
  let_start
  forget packages
  exit
fi
if [[ ${1:-} == upgrade ]]; then
  [[ -e /var/lib/ninefold/versions/$2 ]] || exit 0
  # The step `packages` has placed apt's files before.
  settled=yes
  trap ended EXIT
  let_start
  mapfile -t wanted < <(missing "/var/lib/ninefold/versions/$2")
  ((${#wanted[@]} == 0)) || install_all "${wanted[@]}"
  exit
fi
receive
require_readable_sources
keep_told
trap ended EXIT
upgraded=$(placed_for packages | grep -cwF -- $upgrades || true)
place
let_start
wanted=() later=()
while read -r package; do
  if is_for_later "$package"; then later+=("$package"); else wanted+=("$package"); fi
done < <(missing "$list")
# A version that no source has fails here, and not after a leader has handed over.
if ((${#later[@]} > 0)); then
  : >"$log"
  refresh
  apt install --download-only --no-install-recommends --allow-downgrades "${later[@]}"
fi
if ((${#wanted[@]} > 0)); then
  install_all "${wanted[@]}"
  for name in etcd patroni pgbouncer haproxy keepalived pgbackrest postgresql; do
    [[ -e $state/applied/$name ]] || systemctl disable --quiet --no-reload "$name" 2>/dev/null || true
  done
  [[ " ${wanted[*]} " != *' unattended-upgrades'* ]] || touch "$state/upgrades-installed"
fi
# By Debian's own settings security updates would go on, and restart what the cluster runs on.
if ((upgraded)) && [[ ! -e $upgrades && -e $state/upgrades-installed ]]; then
  apt purge unattended-upgrades
  rm -f -- "$state/upgrades-installed"
  echo 'removed unattended-upgrades'
fi
settled=yes
while read -r name home; do
  user "$name" "$home"
done </var/lib/ninefold/users
record packages
