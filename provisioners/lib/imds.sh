#!/usr/bin/env bash
# The instance metadata service, version 2 only. Part of the image: needs nothing but bash and coreutils, since minimal
# images have no curl, and so that no proxy of the environment is asked for what only the instance may know.

IMDS_ADDRESS=${BUILDIMG_IMDS_ADDRESS:-169.254.169.254:80}
# The network of a fresh instance may need some seconds.
IMDS_WAIT_SECONDS=${BUILDIMG_IMDS_WAIT_SECONDS:-60}
IMDS_TOKEN_SECONDS=300
IMDS_REQUEST_SECONDS=5
IMDS_NOT_FOUND=4
IMDS_TOKEN=''

# imds_connect: fetches a token, again and again up to the limit. Status 1: there is none, and no older way is tried.
imds_connect() {
  local deadline=$((SECONDS + IMDS_WAIT_SECONDS))
  while :; do
    IMDS_TOKEN=$(imds_request PUT /latest/api/token "X-aws-ec2-metadata-token-ttl-seconds: $IMDS_TOKEN_SECONDS") || IMDS_TOKEN=''
    [ -z "$IMDS_TOKEN" ] || return 0
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 1
  done
}

# imds_get PATH: the text below /latest/meta-data/. Status 4: there is no such thing; 1: it could not be asked.
imds_get() {
  imds_request GET "/latest/meta-data/$1" "X-aws-ec2-metadata-token: $IMDS_TOKEN"
}

# imds_instance_id: refuses anything that does not look like one, since it becomes a part of file and parameter names.
imds_instance_id() {
  local id
  id=$(imds_get instance-id) || return 1
  [[ $id =~ ^i-[0-9a-f]{8,32}$ ]] || return 1
  printf '%s' "$id"
}

# imds_request METHOD PATH HEADER: the body. The request goes through stdin, so that no token stands in an argv.
imds_request() {
  local response
  # shellcheck disable=SC2016
  response=$(printf '%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' \
    "$1" "$2" "${IMDS_ADDRESS%:*}" "$3" |
    timeout "$IMDS_REQUEST_SECONDS" bash -c 'exec 3<>"/dev/tcp/$1/$2" && cat >&3 && cat <&3' imds \
      "${IMDS_ADDRESS%:*}" "${IMDS_ADDRESS##*:}" 2>/dev/null) || return 1
  case $response in
    'HTTP/1.'?' 200 '*$'\r\n\r\n'*) printf '%s' "${response#*$'\r\n\r\n'}" ;;
    'HTTP/1.'?' 200 '*) ;;
    'HTTP/1.'?' 404 '*) return "$IMDS_NOT_FOUND" ;;
    *) return 1 ;;
  esac
}
