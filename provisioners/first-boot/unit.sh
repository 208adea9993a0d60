#!/usr/bin/env bash
# The unit and the configuration of first-boot, as apply.sh writes them and verify.sh expects them.
# shellcheck disable=SC2034

FIRST_BOOT_UNIT=buildimg-first-boot.service
FIRST_BOOT_CONFIG=/etc/buildimg/first-boot.conf
FIRST_BOOT_HOOKS=/usr/lib/buildimg/first-boot.d

# list_services: one word each.
list_services() {
  local services
  services=$(option SERVICES '')
  printf '%s' "${services//$'\n'/ }"
}

render_config() {
  cat <<CONFIG
# Written by buildimg (first-boot).
user=$(option USER admin)
strategy=$(option STRATEGY random-file)
rotate=$(option ROTATE instance)
credentials_file=$(option CREDENTIALS_FILE /root/initial-credentials)
parameter_path=$(option PARAMETER_PATH /buildimg/first-boot)
CONFIG
}

# A unit of its own: cloud-init's scripts run after multi-user.target, when the application already listens; `per-once`
# does not run again on a clone; and sealing wipes them. RequiredBy and Before together keep the services down when this
# fails. Both names of cloud-init's network stage: 25.1 renamed it.
render_unit() {
  local services
  services=$(list_services)
  cat <<UNIT
[Unit]
Description=Per-instance credentials
Documentation=https://docs.aws.amazon.com/marketplace/latest/userguide/product-and-ami-policies.html
Wants=network-online.target
After=network-online.target cloud-init.service cloud-init-network.service${services:+
Before=$services}

[Service]
Type=oneshot
RemainAfterExit=yes
UMask=0077
LimitCORE=0
TimeoutStartSec=15min
ExecStart=/usr/lib/buildimg/bin/first-boot

[Install]
WantedBy=multi-user.target${services:+
RequiredBy=$services}
UNIT
}
