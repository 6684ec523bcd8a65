#!/usr/bin/env bash
# load-softdog: loads the kernel's software watchdog, if the machine has no hardware watchdog. A hardware one is better,
# because it also acts if the kernel stops. The first watchdog becomes /dev/watchdog, so softdog must not be loaded before
# a hardware watchdog that udev finds.
source /usr/local/lib/ninefold/lib.sh

settle() { ! systemctl --quiet is-active systemd-udevd || udevadm settle --timeout=$((30 * patience)) || true; }

settle
[[ ! -e /dev/watchdog ]] || exit 0
if modprobe softdog 2>/dev/null; then
  settle
else
  echo 'this machine has no watchdog'
fi
