#!/usr/bin/env bash
# LOG-001, AUD-…. Needs common.sh, distro.sh, packages.sh and updates.sh; checks need checks.sh.

AUDIT_RULES=/etc/audit/rules.d/60-buildimg.rules

# LOG-001
harden_journal() {
  write_file /etc/systemd/journald.conf.d/60-buildimg.conf 0644 root:root <<'CONFIG'
# Written by buildimg (harden): LOG-001.
[Journal]
Storage=persistent
Compress=yes
CONFIG
}

check_journal() {
  local storage
  see "$1" search sed -n 's/^Storage=//p' /etc/systemd/journald.conf /etc/systemd/journald.conf.d/*.conf
  storage=${SEEN##*$'\n'}
  [ "$storage" = persistent ] || miss "$1" "the journal's Storage is \"$storage\""
}

# AUD-001
ensure_audit() {
  if [ "$(distro_family)" = debian ]; then ensure_package auditd; else ensure_package audit; fi
  render_audit_rules | write_file "$AUDIT_RULES" 0640 root:root
  rm -f /etc/systemd/system/auditd.service
  systemctl --quiet enable auditd.service
}

# Without system calls of every program: those cost time on busy machines, and fill the log.
render_audit_rules() {
  cat <<'RULES'
# Written by buildimg (harden): AUD-001.
-w /etc/passwd -p wa -k identity
-w /etc/shadow -p wa -k identity
-w /etc/group -p wa -k identity
-w /etc/gshadow -p wa -k identity
-w /etc/sudoers -p wa -k scope
-w /etc/sudoers.d -p wa -k scope
-w /etc/ssh/sshd_config -p wa -k sshd
-w /etc/ssh/sshd_config.d -p wa -k sshd
-w /etc/localtime -p wa -k time-change
-w /var/log/lastlog -p wa -k logins
-w /var/log/wtmp -p wa -k session
-w /var/log/btmp -p wa -k session
-a always,exit -F arch=b64 -S adjtimex,settimeofday -k time-change
-a always,exit -F arch=b64 -S init_module,finit_module,delete_module -k modules
RULES
}

check_audit() {
  if [ ! -x /usr/sbin/auditd ] && [ ! -x /sbin/auditd ]; then miss "$1" "auditd is not installed"; fi
  [ -e /etc/systemd/system/multi-user.target.wants/auditd.service ] || miss "$1" "auditd.service is not enabled"
  [ "$(cat "$AUDIT_RULES" 2>/dev/null || true)" = "$(render_audit_rules)" ] || miss "$1" "$AUDIT_RULES is not there or was changed"
}

# AUD-002: CIS would halt the machine; on EC2 that is an outage.
harden_audit_disk() {
  local text
  [ -f /etc/audit/auditd.conf ] || return 0
  text=$(sed -E 's/^(space_left_action|admin_space_left_action|disk_full_action|disk_error_action)( *= *).*/\1\2SYSLOG/I
    s/^(max_log_file_action)( *= *).*/\1\2ROTATE/I' /etc/audit/auditd.conf)
  printf '%s\n' "$text" | write_file /etc/audit/auditd.conf 0640 root:root
}

check_audit_disk() {
  check_listed "$1" 'stops the machine or its log (auditd.conf)' search grep -iE \
    '^(space_left_action|admin_space_left_action|disk_full_action|disk_error_action) *= *(suspend|halt|single)' \
    /etc/audit/auditd.conf
}
