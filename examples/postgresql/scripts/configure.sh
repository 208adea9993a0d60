#!/usr/bin/env bash
# Only what is ours answers: no default page, no default PHP pool.
set -euo pipefail

rm -f /etc/nginx/sites-enabled/default /etc/php/8.2/fpm/pool.d/www.conf
nginx -t
php-fpm8.2 -t
