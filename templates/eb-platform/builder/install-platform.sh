#!/usr/bin/env bash
# Puts the platform's own files in place: hooks, tasks, the application's service and its proxy.
set -euo pipefail

lib=$BUILDER_DIR/provisioners/lib
# shellcheck source=/dev/null
. "$lib/common.sh"
# shellcheck source=/dev/null
. "$lib/distro.sh"
# shellcheck source=/dev/null
. "$lib/packages.sh"

EB_DIR=/opt/elasticbeanstalk
PLATFORM_CONFIG=$BUILDER_DIR/platform-uploads/etc/buildimg-platform/platform.config

main() {
  make_beanstalk_folders
  if [ -f "$PLATFORM_CONFIG" ]; then
    # shellcheck source=/dev/null
    . "$PLATFORM_CONFIG"
    install_tools
    make_application_user
    make_application_folders
  fi
  install_uploads
  if [ -f "$PLATFORM_CONFIG" ]; then enable_services; fi
}

make_beanstalk_folders() {
  local operation
  for operation in appdeploy configdeploy restartappserver; do
    mkdir -p "$EB_DIR/hooks/$operation"/{pre,enact,post}
  done
  mkdir -p "$EB_DIR/hooks/preinit" "$EB_DIR/hooks/postinit" "$EB_DIR/deploy/appsource"
  mkdir -p "$EB_DIR/tasks"/{bundlelogs.d,taillogs.d,publishlogs.d,systemtaillogs.d}
}

# What the hooks need; packages that the config asked for, nginx among them, are there already.
install_tools() {
  local tool missing=()
  for tool in unzip jq curl nginx; do
    has_command "$tool" || missing+=("$tool")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  refresh_package_lists
  install_packages "${missing[@]}"
}

make_application_user() {
  id -u "$APP_USER" >/dev/null 2>&1 ||
    useradd --system --user-group --home-dir "$APP_DIR" --no-create-home --shell /usr/sbin/nologin "$APP_USER"
}

make_application_folders() {
  install -d -m 0755 "$APP_DIR" "$STAGING_DIR" "$LIVE_DIR" /etc/buildimg-platform /var/log/nginx/healthd
  install -d -m 0750 -o "$APP_USER" -g "$APP_USER" "$APP_LOG_DIR"
}

install_uploads() {
  [ -d "$BUILDER_DIR/platform-uploads" ] || return 0
  BUILDIMG_SOURCE=$BUILDER_DIR/platform-uploads BUILDIMG_DESTINATION=/ BUILDIMG_OWNER=root:root \
    bash "$BUILDER_DIR/provisioners/file.sh"
  # An archive that went through a repository or Windows has lost its executable bits.
  find "$EB_DIR/hooks" -type f -exec chmod 0755 {} +
}

enable_services() {
  # Debian's own site answers on port 80 as well, and nginx then takes whichever it reads first.
  rm -f /etc/nginx/sites-enabled/default
  nginx -t -q || die "nginx does not accept the configuration of the platform"
  systemctl --quiet enable nginx.service webapp.service
}

main
