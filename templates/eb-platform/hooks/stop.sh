#!/usr/bin/env bash
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

systemctl stop "$SERVICE" || die "the application could not be stopped"
