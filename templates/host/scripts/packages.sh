#!/usr/bin/env bash
# packages [remove | upgrade SERVICE]: installs the packages that the bundle lists, in one transaction. It keeps their
# services from starting: a default instance would take the ports and create data. `upgrade` installs the versions at
# which a running service is held; the step of that service calls it.
source /usr/local/lib/ninefold/lib.sh

readonly list=/var/lib/ninefold/packages
readonly policy=/usr/sbin/policy-rc.d
readonly upgrades=/etc/apt/apt.conf.d/55ninefold-upgrades

# Prints the packages of list $1 that are not installed, or not at their version.
missing() {
  local wanted name version installed
  while read -r wanted; do
    name=${wanted%%=*}
    version=${wanted#"$name"}
    installed=$(dpkg-query -W -f '${db:Status-Abbrev}=${Version}' "$name" 2>/dev/null) || installed=
    # A held version may end with an asterisk, which apt accepts too.
    # shellcheck disable=SC2053
    [[ $installed == "ii ="${version#=} || ($installed == ii* && -z $version) ]] || printf '%s\n' "$wanted"
  done <"$1"
}

# Whether package $1 is left to the step of a service that runs here. Those steps change one machine after the other, so
# a defective package stops at the first machine. pgBackRest needs one version everywhere, so this step installs it.
is_for_later() {
  local service
  case ${1%%=*} in
    etcd-server) service=etcd ;;
    patroni) service=patroni ;;
    pgbouncer | haproxy | keepalived) service=${1%%=*} ;;
    *) [[ ${1%%=*} =~ ^postgresql-[0-9]+$ ]] && service=patroni || return 1 ;;
  esac
  # If the service's step has recorded this version, somebody has since installed a different one, and this step
  # restores it. If the service's step was interrupted, that step still has to install the version.
  [[ $1 == *=* && -e $state/applied/$service && $(systemctl is-active "$service") == active ]] &&
    { [[ -e $state/tried/$service ]] || ! grep -qsxF -- "$1" "/var/lib/ninefold/versions/$service"; }
}

# The output of apt and dpkg. After a failure, the cause is in its last lines.
readonly log=/var/log/ninefold-packages.log
apt() {
  local back=()
  # Without needrestart: each service's own step restarts it, in the order of the steps.
  until NEEDRESTART_SUSPEND=1 DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold "$@" >"$stage/output" 2>&1 </dev/null; do
    # apt's package lists have a separate lock, for which apt doesn't wait.
    if ! grep -q 'Could not get lock' "$stage/output" || ((EPOCHSECONDS >= ${NINEFOLD_DEADLINE:-0})); then
      cat -- "$stage/output" >>"$log"
      [[ -n $apt_files_stay ]] || back=('the previous sources and settings of apt on this machine are restored')
      fail "packages: 'apt-get ${*}' failed" "$(grep -E '^(E|W|Err):|dpkg:' "$log" | tail -n 8)" "${back[@]}" \
        "look at: $log; check the mirror, the proxy, the repository and the versions under 'packages' in the description"
    fi
    sleep 2
  done
  cat -- "$stage/output" >>"$log"
}

# Fails unless apt can read this machine's sources together with those of the bundle. apt does not work at all if a
# source is listed twice with different keys.
require_readable_sources() {
  local path parts=$stage/sources.list.d output ours=() others=(/etc/apt/sources.list) named=()
  mapfile -t ours < <(awk '$1 ~ "^/etc/apt/sources.list.d/" { print $1 }' "$stage/index")
  ((${#ours[@]} > 0)) || return 0
  mkdir -- "$parts"
  for path in /etc/apt/sources.list.d/*.{list,sources}; do
    # This step replaces or removes the files that an earlier one installed.
    if [[ -f $path && " ${ours[*]} " != *" $path "* ]] && ! grep -qxF -- "$path" "$state/placed" 2>/dev/null; then
      cp -- "$path" "$parts"
      others+=("$path")
    fi
  done
  for path in "${ours[@]}"; do
    cp -- "$(staged "$path")" "$parts/${path##*/}"
  done
  output=$(apt-get -o Dir::Etc::sourcelist=/etc/apt/sources.list -o Dir::Etc::sourceparts="$parts" indextargets \
    2>&1 >/dev/null) && { require_separate_host "$parts"; return; }
  mapfile -t named < <(for path in "${ours[@]}"; do sed -n 's|^URIs: \(.*[^/]\)/*$|\1|p' "$parts/${path##*/}"; done |
    grep -lFf - -- "${others[@]}" 2>/dev/null)
  fail "packages: apt cannot read its sources together with those under 'packages' in the description; nothing was changed" \
    "$(awk '!seen[$0]++' <<<"$output")" "${named[@]/#/already named in: }" \
    "remove the entry from that file, or leave it out of 'packages' in the description; then run 'pulumi up' again"
}

# apt's pins distinguish sources by their host only, so the pins of the additional repository apply to every source on
# its host. If Debian's packages come from that host too, the pins would block security updates.
require_separate_host() {
  local parts=$1 path=/etc/apt/preferences.d/ninefold-repository host named
  grep -q "^$path " "$stage/index" || return 0
  host=$(sed -n 's|^URIs: [a-z]*://\([^/:]*\).*|\1|p' "$(staged /etc/apt/sources.list.d/ninefold.sources)")
  sed -i "s/@HOST@/$host/" "$(staged $path)"
  named=$({ cat -- /etc/apt/sources.list || true; find "$parts" -type f ! -name ninefold.sources -exec cat -- {} +; } 2>/dev/null |
    sed 's|[a-z+]*://\([^/@ ]*@\)\{0,1\}|\n//|g')
  if grep -qE "^//${host//./\\.}(:[0-9]+)?(/| |\$)" <<<"$named"; then
    printf '# A different source has the same host, %s: apt cannot distinguish them.\n' "$host" >"$(staged $path)"
    echo "packages.repository may replace any package: a different source on this machine has the same host, $host"
  fi
}

# Prints the URIs of the sources in the description.
described_sources() {
  apt_files "$state/applied/packages" "$state/tried/packages" | grep '/sources.list.d/' |
    while read -r path; do sed -n 's|^URIs: \(.*[^/]\)/*$|\1/|p' "$path" 2>/dev/null || true; done
}

# Updates the package lists. If a source can't be read, apt continues with its old list, which an attacker on the
# network could use to hold back updates. For a source of the description, the step fails; for others, it prints a line.
refresh() {
  local failed source uri
  apt update
  failed=$(sed -n 's|^[WE]: Failed to fetch \([^ ]*\).*|\1|p' "$stage/output" | sort -u)
  [[ -n $failed ]] || return 0
  while read -r source; do
    while read -r uri; do
      [[ $uri != "$source"* ]] || fail "packages: the list of $source can't be updated; nothing was installed" \
        "$(grep -E '^(E|W|Err):' "$stage/output" | tail -n 8)" \
        "look at: that source and its key, under 'packages' in the description; then run 'pulumi up' again"
    done <<<"$failed"
  done < <(described_sources)
  printf 'apt uses an old package list, or none, of: %s\n' "${failed//$'\n'/, }"
}

# Prints the files under /etc/apt that the lists $@ contain.
apt_files() { cat -- "$@" 2>/dev/null | awk '$2 ~ "^/etc/apt/" { print $2 }' | sort -u; }
# Keeps copies of apt's files of the last successful step.
keep_apt_files() {
  local path
  while read -r path; do
    [[ -e $path ]] || continue
    mkdir -p -- "$stage/apt-before${path%/*}"
    cp -a -- "$path" "$stage/apt-before$path"
  done < <(apt_files "$state/applied/packages")
}
# Restores those files. With a wrong source or proxy, apt would not work at all on this machine.
restore_apt_files() {
  local path
  while read -r path; do
    if [[ ! -e $stage/apt-before$path ]]; then
      remove_placed "$path"
    elif ! cmp -s -- "$stage/apt-before$path" "$path"; then
      keep_original "$path"
      cp -a -- "$stage/apt-before$path" "$path.ninefold"
      mv -f -- "$path.ninefold" "$path"
    fi
  done < <(apt_files "$state/applied/packages" "$state/tried/packages")
}
apt_files_stay=''
clean_up() {
  allow_service_starts
  [[ -n $apt_files_stay ]] || restore_apt_files
  rm -rf -- "$stage"
}

create_user() {
  ! id -u "$1" >/dev/null 2>&1 || return 0
  useradd --system --home-dir "$2" --shell /usr/sbin/nologin "$1"
  printf '%s %s\n' "$1" "$2" >>"$state/made-users"
}

# Removes the policy of this step, which an interrupted run may have left, and restores the machine's own.
allow_service_starts() {
  ! grep -qs ninefold "$policy" || rm -f -- "$policy"
  [[ ! -e $policy.ninefold ]] || mv -- "$policy.ninefold" "$policy"
}

# Installs packages $@ without starting a service.
install_all() {
  [[ ! -e $policy ]] || mv -- "$policy" "$policy.ninefold"
  printf '#!/bin/sh\n# ninefold\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/ninefold.conf
  dpkg --configure -a >/dev/null 2>&1 || true
  : >"$log"
  refresh
  # Without force-unsafe-io, dpkg would sync after each of a hundred packages; `sync` below does it once.
  apt install --no-install-recommends --allow-downgrades -o Dpkg::Options::=--force-unsafe-io "$@"
  sync
  allow_service_starts
  printf 'installed %s\n' "$*"
}

if [[ ${1:-} == remove ]]; then
  allow_service_starts
  forget packages
  exit
fi
if [[ ${1:-} == upgrade ]]; then
  [[ -e /var/lib/ninefold/versions/$2 ]] || exit 0
  # The step `packages` has already placed apt's files.
  apt_files_stay=yes
  trap clean_up EXIT
  allow_service_starts
  mapfile -t wanted < <(missing "/var/lib/ninefold/versions/$2")
  ((${#wanted[@]} == 0)) || install_all "${wanted[@]}"
  exit
fi
receive
require_readable_sources
keep_apt_files
trap clean_up EXIT
upgraded=$(placed_for packages | grep -cwF -- $upgrades || true)
place
allow_service_starts
wanted=() later=()
while read -r package; do
  if is_for_later "$package"; then later+=("$package"); else wanted+=("$package"); fi
done < <(missing "$list")
# If no source has the version, this fails now, and not after a switchover.
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
# With Debian's own settings, unattended-upgrades would still install updates, and restart the cluster's services.
if ((upgraded)) && [[ ! -e $upgrades && -e $state/upgrades-installed ]]; then
  apt purge unattended-upgrades
  rm -f -- "$state/upgrades-installed"
  echo 'removed unattended-upgrades'
fi
apt_files_stay=yes
while read -r name home; do
  create_user "$name" "$home"
done </var/lib/ninefold/users
record packages
