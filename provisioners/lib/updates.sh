#!/usr/bin/env bash
# Updates of the whole system. Needs common.sh, distro.sh and packages.sh.

# install_updates all|security
install_updates() {
  local level=$1
  case $PACKAGE_MANAGER in
    apt)
      refresh_package_lists
      with_update_preferences "$level" apt dist-upgrade
      # Old kernels fill /boot and are what a scanner would report.
      apt autoremove --purge
      ;;
    *)
      # shellcheck disable=SC2046
      dnf_or_yum upgrade $(dnf_update_options "$level")
      dnf_or_yum autoremove
      ;;
  esac
}

# list_pending_updates all|security: one package a line; new ones that an update would bring along do not count.
list_pending_updates() {
  local level=$1 status=0 output
  case $PACKAGE_MANAGER in
    apt)
      # Without lists nothing is pending, as far as apt knows.
      # shellcheck disable=SC2016
      [ -n "$(apt-get indextargets --format '$(FILENAME)' 'Created-By: Packages')" ] || {
        printf 'there are no package lists; fetch them first (apt-get update)\n' >&2
        return 1
      }
      output=$(with_update_preferences "$level" apt-get -s dist-upgrade) || return 1
      printf '%s\n' "$output" | sed -n 's/^Inst \([^ ]*\) \[.*/\1/p'
      ;;
    *)
      # Status 100 means that there are updates, 1 that the question failed.
      # shellcheck disable=SC2046
      output=$(dnf_or_yum check-update $(dnf_update_options "$level")) || status=$?
      [ "$status" -eq 0 ] || [ "$status" -eq 100 ] || return 1
      [ "$status" -eq 0 ] || printf '%s\n' "$output" | sed -nE '/^Obsoleting/q; s/^([^ ]+\.[a-z0-9_]+) .*/\1/p'
      ;;
  esac
}

dnf_update_options() {
  if is_version_locked; then printf '%s\n' --releasever=latest; fi
  if [ "$1" = security ]; then printf '%s\n' --security; fi
}

# with_update_preferences LEVEL COMMAND…: for `security`, apt prefers what is installed (priority 100) to anything that
# does not come from a security archive, but may still take new dependencies from elsewhere. The owner's pins go first.
with_update_preferences() {
  local level=$1 preferences status=0
  shift
  if [ "$level" = all ]; then
    "$@"
    return
  fi
  preferences=$(mktemp)
  chmod 0644 "$preferences"
  {
    find /etc/apt/preferences /etc/apt/preferences.d -type f -exec cat {} + 2>/dev/null || true
    printf '\nPackage: *\nPin: release a=*-security\nPin-Priority: 500\n'
    printf '\nPackage: *\nPin: release l=Debian-Security\nPin-Priority: 500\n'
    # `now` is what is installed; the last record would pin it too.
    printf '\nPackage: *\nPin: release a=now\nPin-Priority: 100\n'
    printf '\nPackage: *\nPin: release a=*\nPin-Priority: 50\n'
  } >"$preferences"
  "$@" -o "Dir::Etc::Preferences=$preferences" -o Dir::Etc::PreferencesParts=/dev/null || status=$?
  rm -f "$preferences"
  return "$status"
}
