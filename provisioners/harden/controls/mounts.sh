#!/usr/bin/env bash
# FS-008, FS-010. Nothing for /var and /var/tmp: Elastic Beanstalk, containers and package scripts run programs there.
# Needs common.sh and runtime.sh; checks need checks.sh.

SHARED_MEMORY_LINE='tmpfs /dev/shm tmpfs defaults,nodev,nosuid,noexec 0 0'
TMP_DROP_IN=/etc/systemd/system/tmp.mount.d/60-buildimg.conf
TMP_OPTIONS='mode=1777,strictatime,nosuid,nodev,noexec,size=50%'

# FS-008: systemd-remount-fs takes the options from fstab.
harden_shared_memory() {
  local rest
  rest=$(awk '$2 != "/dev/shm" || /^#/' /etc/fstab 2>/dev/null || true)
  printf '%s\n' ${rest:+"$rest"} "$SHARED_MEMORY_LINE" | write_file /etc/fstab 0644 root:root
}

check_shared_memory() {
  local options
  see "$1" search sed -nE 's|^[^#[:space:]][^[:space:]]*[[:space:]]+/dev/shm[[:space:]]+[^[:space:]]+[[:space:]]+([^[:space:]]+).*|\1|p' /etc/fstab
  options=,$SEEN,
  case $options in *,nodev,*) ;; *) miss "$1" "/dev/shm is not mounted nodev" ;; esac
  case $options in *,nosuid,*) ;; *) miss "$1" "/dev/shm is not mounted nosuid" ;; esac
  case $options in *,noexec,*) ;; *) miss "$1" "/dev/shm is not mounted noexec" ;; esac
}

# FS-010: only if asked for, since installers and agents run scripts there, Packer's own among them. In force from the
# next boot on, so the rest of this build is not disturbed.
harden_tmp() {
  if [ "$(option TMP_NOEXEC false)" != true ]; then
    rm -f "$TMP_DROP_IN"
    return 0
  fi
  ensure_tmp_mount
  printf '# Written by buildimg (harden): %s.\n[Mount]\nOptions=\nOptions=%s\n' "$1" "$TMP_OPTIONS" |
    write_file "$TMP_DROP_IN" 0644 root:root
  systemctl --quiet enable tmp.mount
}

# Debian until 12 ships the unit outside the folders of units.
ensure_tmp_mount() {
  if has_unit tmp.mount; then return 0; fi
  [ -f /usr/share/systemd/tmp.mount ] || die "this distribution has no tmp.mount; leave tmpNoexec out"
  write_file /etc/systemd/system/tmp.mount 0644 root:root </usr/share/systemd/tmp.mount
}

# From 13 on Debian mounts /tmp by a link of the vendor's, which `systemctl enable` has nothing to add to.
is_tmp_mounted() {
  [ ! /etc/systemd/system/tmp.mount -ef /dev/null ] || return 1
  [ -e /etc/systemd/system/local-fs.target.wants/tmp.mount ] ||
    [ -e /usr/lib/systemd/system/local-fs.target.wants/tmp.mount ] ||
    [ -e /lib/systemd/system/local-fs.target.wants/tmp.mount ]
}

check_tmp() {
  [ "$(option TMP_NOEXEC false)" = true ] || return 0
  grep -qsxF "Options=$TMP_OPTIONS" "$TMP_DROP_IN" || miss "$1" "/tmp would not be mounted noexec"
  is_tmp_mounted || miss "$1" "tmp.mount is not enabled"
}
