#!/usr/bin/env bash
# The unpacked bundle becomes the application; the one before it is kept until the next deployment.
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

[ -d "$STAGING_DIR" ] || die "nothing is staged in $STAGING_DIR"
rm -rf "$PREVIOUS_DIR"
if [ -d "$LIVE_DIR" ]; then mv "$LIVE_DIR" "$PREVIOUS_DIR"; fi
mv "$STAGING_DIR" "$LIVE_DIR"
