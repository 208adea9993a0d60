#!/usr/bin/env bash
# Usage: ./use-image.sh AMI_ID [ENVIRONMENT]
# Gives the environment the image, with the settings of environment.json. The bundle with the same id in its
# .ebextensions is written to bundle/ for the next deployment.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$here/environment.sh"

main() {
  local image=${1:-} environment=${2:-$ENVIRONMENT}
  if [[ ! $image =~ ^ami-([0-9a-f]{8}|[0-9a-f]{17})$ ]]; then
    printf 'use-image.sh: "%s" is not the id of an image\n' "$image" >&2
    exit 2
  fi
  mkdir -p "$here/ready"
  put_image "$image" "$here/options.json" "$here/ready/options.json"
  put_image "$image" "$here/image.config" "$here/bundle/.ebextensions/00-buildimg-image.config"
  aws elasticbeanstalk update-environment \
    --region "$REGION" \
    --environment-name "$environment" \
    --option-settings "file://$here/ready/options.json"
}

# put_image AMI_ID FROM TO
put_image() {
  mkdir -p "$(dirname "$3")"
  sed "s/@AMI_ID@/$1/g" "$2" >"$3"
}

main "$@"
