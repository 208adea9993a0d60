#!/usr/bin/env bash
# Fetches the source bundle and unpacks it beside the running application.
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

BUNDLE=/opt/elasticbeanstalk/deploy/appsource/source_bundle

"$EB_BIN/download-source-bundle" || die "the source bundle could not be downloaded"
[ -s "$BUNDLE" ] || die "download-source-bundle left no $BUNDLE"

rm -rf "$STAGING_DIR"
install -d -m 0755 "$STAGING_DIR"
unzip -q -o -d "$STAGING_DIR" "$BUNDLE" || die "the source bundle is not a zip file"
# Configuration of the environment, no part of the application.
rm -rf "$STAGING_DIR/.ebextensions"
chown -R "$APP_USER:$APP_USER" "$STAGING_DIR"
