#!/usr/bin/env bash
# SSH-…: settings are collected in one file that sshd reads first, and checked by asking sshd what applies to root, to
# the login user and to somebody unknown. Needs common.sh, distro.sh, sshd.sh; checks need checks.sh.

SSHD_TEXT=''
declare -A SSHD_SETTING
# Whose settings were asked for: a user, and how sshd is started if that is with options. Several, since a unit may start
# another sshd.
SSHD_SUBJECTS=()
SSHD_IS_REFUSED=no

# sshd_directives CONTROL: `Keyword value` lines. Only global ones, so that they can stand in front of anything.
sshd_directives() {
  case $1 in
    SSH-001) printf 'PermitRootLogin no\n' ;;
    SSH-002) printf 'PasswordAuthentication no\n' ;;
    # Until OpenSSH 8.7 the setting had the other name, and the new one alone left the door open.
    SSH-003) printf 'KbdInteractiveAuthentication no\nChallengeResponseAuthentication no\n' ;;
    SSH-004) printf 'PermitEmptyPasswords no\n' ;;
    SSH-008) printf 'UseDNS %s\n' "$(yes_or_no "$(option USE_DNS false)")" ;;
    SSH-009) printf 'PubkeyAuthentication yes\n' ;;
    SSH-011) printf '%s\n' 'PermitUserEnvironment no' 'HostbasedAuthentication no' 'IgnoreRhosts yes' 'StrictModes yes' ;;
    SSH-012) printf 'X11Forwarding no\n' ;;
    # Fewer tries would lock out agents that hold several keys.
    SSH-013) printf 'MaxAuthTries 4\nLoginGraceTime 60\n' ;;
    SSH-015) printf 'AllowTcpForwarding %s\n' "$(yes_or_no "$(option ALLOW_TCP_FORWARDING true)")" ;;
    SSH-021) printf '%s\n' 'ClientAliveInterval 300' 'ClientAliveCountMax 3' 'MaxStartups 10:30:60' 'MaxSessions 10' \
      'LogLevel VERBOSE' ;;
    BAN-002) printf 'Banner /etc/issue.net\nDebianBanner no\n' ;;
  esac
}

add_sshd_directives() {
  local keyword value
  has_sshd || return 0
  SSHD_TEXT="$SSHD_TEXT# $1"$'\n'
  while read -r keyword value; do
    # One name that this sshd does not know makes it refuse to start.
    case $keyword in
      ChallengeResponseAuthentication) [ "$(sshd_version)" -lt 807 ] || continue ;;
      DebianBanner) [ "$(distro_family)" = debian ] || continue ;;
    esac
    SSHD_TEXT="$SSHD_TEXT$keyword $value"$'\n'
  done <<<"$(sshd_directives "$1")"
}

# write_sshd_config: after all controls have added theirs.
write_sshd_config() {
  local rest mode
  has_sshd || {
    log "no sshd in this image; SSH controls do not apply"
    return 0
  }
  SSHD_TEXT="# Written by buildimg (harden). sshd takes the first value that it reads, so this stands before everything else."$'\n'"$SSHD_TEXT"
  if reads_drop_ins_first; then
    printf '%s' "$SSHD_TEXT" | write_file /etc/ssh/sshd_config.d/00-buildimg.conf 0600 root:root
  else
    # The block goes to the top of the main file, replacing the block of an earlier run.
    rest=$(sed '/^# BEGIN buildimg$/,/^# END buildimg$/d' "$SSHD_CONFIG")
    mode=$(stat -c %a "$SSHD_CONFIG")
    printf '# BEGIN buildimg\n%s# END buildimg\n%s\n' "$SSHD_TEXT" "$rest" | write_file "$SSHD_CONFIG" "$mode" root:root
  fi
  # A configuration that sshd refuses would lock everybody out of every launch.
  prepare_sshd_queries
  must_see ask_sshd
}

# load_sshd_settings: asks once for everybody. Status 1: there is no sshd, or it refuses its configuration.
load_sshd_settings() {
  local user start subject keyword value
  has_sshd || return 1
  [ "$SSHD_IS_REFUSED" = no ] || return 1
  [ "${#SSHD_SUBJECTS[@]}" -eq 0 ] || return 0
  prepare_sshd_queries
  for start in "${SSHD_STARTS[@]}"; do
    for user in root "$(default_user)" buildimg-unknown-user; do
      look sshd_settings "$user" "$start"
      if [ -n "$BLIND" ]; then
        miss SSH-010 "sshd could not be asked what it does: $BLIND"
        SSHD_IS_REFUSED=yes
        return 1
      fi
      subject=$user$(describe_sshd_start "$start")
      SSHD_SUBJECTS+=("$subject")
      while read -r keyword value; do
        SSHD_SETTING["$subject $keyword"]=$value
      done <<<"$SEEN"
    done
  done
}

# describe_sshd_start START: nothing if no option is given; what is said by one cannot be undone in a file.
describe_sshd_start() {
  case $1 in
    *"$WORD_END"*) printf ' (%s starts sshd with%s)' "${1%%"$WORD_END"*}" "${1#"${1%%"$WORD_END"*}"}" | tr "$WORD_END" ' ' ;;
  esac
}

# get_sshd_setting CONTROL SUBJECT KEYWORD: SSHD_VALUE becomes what sshd says. That it says nothing is a miss.
get_sshd_setting() {
  local key="$2 $3"
  SSHD_VALUE=${SSHD_SETTING[$key]-}
  [ -n "${SSHD_SETTING[$key]+set}" ] || miss "$1" "sshd does not say its $3 for $2"
}

check_sshd_directives() {
  local subject keyword value key
  load_sshd_settings || return 0
  while read -r keyword value; do
    for subject in "${SSHD_SUBJECTS[@]}"; do
      key="$subject ${keyword,,}"
      case $keyword in
        # Only printed by the versions that know them.
        ChallengeResponseAuthentication | DebianBanner)
          [ -n "${SSHD_SETTING[$key]:-}" ] || continue
          ;;
      esac
      expect_sshd_setting "$1" "$subject" "${keyword,,}" "$value"
    done
  done <<<"$(sshd_directives "$1")"
}

# expect_sshd_setting CONTROL SUBJECT KEYWORD VALUE
expect_sshd_setting() {
  local key="$2 $3" value
  value=${SSHD_SETTING[$key]:-}
  [ "$value" = "$4" ] || miss "$1" "$3 is \"$value\" for $2, not \"$4\""
}

# SSH-005: the users asked for above may simply not match, so every condition is taken to be true here.
check_match_blocks() {
  local place keyword value each
  has_sshd || return 0
  load_sshd_starts
  see "$1" list_all_match_settings
  while read -r place keyword value; do
    [ -n "$place" ] || continue
    each="$keyword $value"
    case ${each,,} in
      'permitrootlogin no' | 'passwordauthentication no' | 'permitemptypasswords no') ;;
      'kbdinteractiveauthentication no' | 'challengeresponseauthentication no') ;;
      permitrootlogin* | passwordauthentication* | permitemptypasswords* | kbdinteractiveauthentication* | \
        challengeresponseauthentication*)
        miss "$1" "$place opens again for a Match block: $keyword $value"
        ;;
    esac
  done <<<"$SEEN"
}

# SSH-016: Amazon Linux logs people in through this command.
check_instance_connect() {
  [ -x /opt/aws/bin/eic_run_authorized_keys ] || return 0
  load_sshd_settings || return 0
  get_sshd_setting "$1" "${SSHD_SUBJECTS[0]}" authorizedkeyscommand
  case $SSHD_VALUE in
    /opt/aws/bin/eic_run_authorized_keys*) ;;
    *) miss "$1" "EC2 Instance Connect is installed, but sshd does not ask it for keys" ;;
  esac
}

# SSH-017: what lets somebody in without a line in any authorized_keys.
check_foreign_keys() {
  local keyword subject
  load_sshd_settings || return 0
  for subject in "${SSHD_SUBJECTS[@]}"; do
    case $subject in root*) ;; *) continue ;; esac
    for keyword in trustedusercakeys authorizedprincipalsfile authorizedkeyscommand authorizedprincipalscommand; do
      get_sshd_setting "$1" "$subject" "$keyword"
      case $SSHD_VALUE in
        none | /opt/aws/bin/eic_run_authorized_keys* | /usr/share/ec2-instance-connect/eic_run_authorized_keys*) ;;
        *) miss "$1" "$keyword is $SSHD_VALUE for $subject" ;;
      esac
    done
  done
}

# The name that cloud-init makes at first boot: the last one in the merged configuration.
default_user() {
  local name
  # -s: a file that ends within the block does not run on into the next one.
  must_see search sed -s -nE '/^[[:space:]]+default_user:/,/^[^[:space:]]/ s/^[[:space:]]+name:[[:space:]]*([a-z0-9_-]+).*/\1/p' \
    /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg
  name=${SEEN##*$'\n'}
  printf '%s' "${name:-ec2-user}"
}
