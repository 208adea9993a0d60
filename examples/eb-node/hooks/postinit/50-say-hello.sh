#!/usr/bin/env bash
# A hook of your own: once, when a new instance serves its first deployment.
set -euo pipefail

echo "Served by $(hostname) since $(date -u +%FT%TZ)" >/etc/motd
