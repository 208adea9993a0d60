#!/usr/bin/env bash
# Writes the greeting into the page and lets nginx start at boot.
set -euo pipefail

sed -i "s|@GREETING@|${GREETING:?}|" /var/www/html/index.html
nginx -t
systemctl enable nginx.service
