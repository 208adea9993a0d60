#!/usr/bin/env bash
# Step of the image node: update
set -euo pipefail

export BUILDIMG_LEVEL='all'
exec bash "$BUILDER_DIR"/'provisioners/update/apply.sh'
