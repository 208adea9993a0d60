#!/usr/bin/env bash
# Which distribution this is, from its own os-release, and which package manager follows from that.

# distro_id: `debian`, `ubuntu`, `amzn`, `rhel`, `rocky`, …
distro_id() {
  os_release_value ID
}

# distro_version: `12`, `24.04`, `2023`, `9.4`, …
distro_version() {
  os_release_value VERSION_ID
}

# distro_family: debian, amazon, rhel or suse. Derivatives say what they are like in ID_LIKE.
distro_family() {
  local word words
  words=$(os_release_value ID ID_LIKE)
  for word in $words; do
    case $word in
      debian | ubuntu) printf 'debian' && return 0 ;;
      amzn) printf 'amazon' && return 0 ;;
      rhel | centos | fedora | rocky | almalinux | ol) printf 'rhel' && return 0 ;;
      suse | sles | opensuse*) printf 'suse' && return 0 ;;
    esac
  done
  die "this distribution is not supported: $(os_release_value PRETTY_NAME)"
}

# package_manager: apt, dnf or yum.
package_manager() {
  local family
  family=$(distro_family) || exit 1
  case $family in
    debian) printf 'apt' ;;
    amazon | rhel) if has_command dnf; then printf 'dnf'; else printf 'yum'; fi ;;
    *) die "packages of this distribution are not supported: $(os_release_value PRETTY_NAME)" ;;
  esac
}

# Amazon Linux 2023 pins its repositories to the release of the image, so a plain upgrade finds nothing newer:
# https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades.html
is_version_locked() {
  [ "$(distro_id)" = amzn ] && [ "$(distro_version)" != 2 ]
}

# os_release_value NAME…: the values, one after the other.
os_release_value() {
  local file=/etc/os-release
  [ -r "$file" ] || file=/usr/lib/os-release
  [ -r "$file" ] || die "neither /etc/os-release nor /usr/lib/os-release can be read"
  # A subshell: os-release is shell syntax by its specification, and its names must not leak into ours.
  (
    set +u
    # shellcheck disable=SC1090
    . "$file"
    values=${!1}
    shift
    for name in "$@"; do values="$values ${!name}"; done
    printf '%s' "$values"
  )
}
