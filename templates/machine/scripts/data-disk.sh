#!/usr/bin/env bash
# Puts a cluster's data on a disk of its own: data-disk CLUSTER DIRECTORY...
#
# Runs at the first boot; what it writes to fstab serves all later ones. A filesystem is made only
# on a disk that holds nothing at all: data outlives the machine it was written on.
set -euo pipefail

device=/dev/vdb
label=ninefold-data
mounted=/srv/ninefold
begun=/var/lib/data-disk.formatting                   # a boot may be cut off meanwhile
cluster=$1
shift

found=0
blkid --probe "$device" >/dev/null || found=$?
case $found in
  0) ;;                                               # something is there: it stays
  2)
    # blkid says the same of a disk that it can't read, and of one whose signature alone is damaged.
    if [[ ! -e $begun ]] && ! cmp -s -n $((64 << 20)) "$device" /dev/zero; then
      echo "data-disk: $device can't be read, or holds something unknown: it is left as it is" >&2
      echo "  if it is to be formatted: wipefs --all $device, touch $begun, reboot" >&2
      exit 1
    fi
    touch "$begun" && sync "$begun"
    mkfs.ext4 -q -L "$label" -i 65536 -E nodiscard "$device"   # few and large files
    rm "$begun"
    ;;
  *) echo "data-disk: $device cannot be read (blkid: exit code $found)" >&2; exit 1 ;;
esac

# Adds a line to fstab once, and mounts what it says.
mount_at() {
  local at=$1 line=$2
  mkdir -p "$at"
  grep -qxF "$line" /etc/fstab 2>/dev/null || echo "$line" >> /etc/fstab
  mountpoint -q "$at" || mount "$at"
}

mount_at "$mounted" "LABEL=$label $mounted ext4 noatime 0 2"

# A new machine with the data of an old one: it belongs to the cluster that wrote it.
owner=$mounted/cluster
if [[ ! -s $owner ]]; then
  echo "$cluster" > "$owner.new"
  sync "$owner.new"
  mv "$owner.new" "$owner"
elif [[ ! -s /var/lib/ninefold/cluster ]]; then
  install -d -m 0711 /var/lib/ninefold
  cp "$owner" /var/lib/ninefold/cluster
fi

for directory in "$@"; do
  home=$mounted/${directory##*/}
  if [[ ! -e $home ]]; then
    # A package that is there already has given the directory its owner.
    mkdir -p "$directory"
    rm -rf "$home.new"                                # of a boot that was cut off
    cp --archive "$directory" "$home.new"
    mv "$home.new" "$home"
  fi
  mount_at "$directory" "$home $directory none bind,x-systemd.requires-mounts-for=$mounted 0 0"
done
systemctl daemon-reload
