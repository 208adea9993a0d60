#!/usr/bin/env bash
# Step of the image node: file /etc
set -euo pipefail

export BUILDIMG_DESTINATION='/etc'
export BUILDIMG_MODE='0640'
export BUILDIMG_OWNER='root:root'
export BUILDIMG_SOURCE="$BUILDER_DIR"/'files/02-etc'
exec bash "$BUILDER_DIR"/'provisioners/file/install.sh'
