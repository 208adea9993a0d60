#!/usr/bin/env bash
# The page looks into the database as a role of its own, by the socket and without a password.
set -euo pipefail

runuser -u postgres -- psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
CREATE ROLE "db-status" LOGIN IN ROLE pg_monitor;
SQL
rm -f /etc/nginx/sites-enabled/default
nginx -t
systemctl enable db-status.service
