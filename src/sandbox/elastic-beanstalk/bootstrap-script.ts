// What the sandbox puts on a build instance in the place of Elastic Beanstalk's own bootstrap: the tools that hooks call,
// with their real names, places and arguments. What they answer from is written by a deployment, below STATE_FOLDER.
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/custom-platforms-scripts.html

/** On an instance of an environment. */
export const STATE_FOLDER = '/opt/elasticbeanstalk/sandbox';

const GET_CONFIG = String.raw`#!/bin/sh
# Stand-in of buildimg's sandbox for Elastic Beanstalk's get-config. JSON is YAML too, so --output changes nothing.
set -eu
state=/opt/elasticbeanstalk/sandbox/config
usage() {
  echo 'usage: get-config [--output JSON|YAML] {optionsettings [-n NAMESPACE -o OPTION] | environment [-k KEY] | container [-k KEY] | addons [-a ADDON -k KEY] | platformconfig [-k KEY]}' >&2
  exit 2
}
encode() { printf '%s' "$1" | sed 's/%/%25/g; s,/,%2F,g'; }
section=''
key=''
namespace=''
while [ $# -gt 0 ]; do
  case $1 in
    --output) case \${2:-} in JSON | YAML) shift ;; *) usage ;; esac ;;
    optionsettings | environment | container | addons | platformconfig) [ -z "$section" ] || usage; section=$1 ;;
    -k | --key | -o | --option-name) [ $# -gt 1 ] || usage; key=$2; shift ;;
    -n | --namespace | -a | --add-on) [ $# -gt 1 ] || usage; namespace=$2; shift ;;
    *) usage ;;
  esac
  shift
done
[ -n "$section" ] || usage
[ -d "$state" ] || { echo 'get-config: this instance is not in an environment' >&2; exit 1; }
file=$state/$section.json
if [ -n "$namespace" ]; then file=$state/$section.values/$(encode "$namespace"); fi
if [ -n "$key" ]; then
  case $section in
    optionsettings | addons) [ -n "$namespace" ] || usage; file=$file/$(encode "$key") ;;
    *) file=$state/$section.values/$(encode "$key") ;;
  esac
elif [ -n "$namespace" ]; then
  file=$file.json
fi
if [ ! -f "$file" ]; then
  echo "get-config: $section has no \${namespace:+$namespace }\${key:-value}" >&2
  exit 1
fi
cat "$file"
echo
`.replaceAll('\\${', '${');

const DOWNLOAD_SOURCE_BUNDLE = `#!/bin/sh
# Stand-in of buildimg's sandbox: the deployment has put the bundle on the instance already.
set -eu
bundle=/opt/elasticbeanstalk/sandbox/source_bundle
[ -f "$bundle" ] || { echo 'download-source-bundle: nothing is being deployed' >&2; exit 1; }
mkdir -p /opt/elasticbeanstalk/deploy/appsource
cp "$bundle" /opt/elasticbeanstalk/deploy/appsource/source_bundle
`;

// There is no healthd in a sandbox, and no /etc/healthd, by which hooks know that.
const HEALTHD = `#!/bin/sh
# Stand-in of buildimg's sandbox, which has no healthd: says what it was asked for and does nothing.
echo "$(basename "$0"): no healthd in the sandbox; asked for: $*" >&2
`;

const TOOLS: Readonly<Record<string, string>> = {
  'get-config': GET_CONFIG,
  'download-source-bundle': DOWNLOAD_SOURCE_BUNDLE,
  'healthd-track-pidfile': HEALTHD,
  'healthd-configure': HEALTHD,
  'healthd-restart': HEALTHD,
};

/** The script that runs as root on the build instance before the template's own provisioners. */
export function renderBootstrapScript(): string {
  const tools = Object.entries(TOOLS).map(
    ([name, text]) => `cat >"$eb/bin/${name}" <<'END-OF-TOOL'\n${text}END-OF-TOOL\nchmod 0755 "$eb/bin/${name}"\n`,
  );
  return `#!/bin/sh
# Puts the tools of Elastic Beanstalk in place, as stand-ins of buildimg's sandbox.
set -eu
umask 022
eb=/opt/elasticbeanstalk
mkdir -p "$eb/bin" "$eb/lib/ruby" "$eb/deploy/appsource"
for operation in appdeploy configdeploy restartappserver; do
  mkdir -p "$eb/hooks/$operation/pre" "$eb/hooks/$operation/enact" "$eb/hooks/$operation/post"
done
mkdir -p "$eb/hooks/preinit" "$eb/hooks/postinit"
for task in bundlelogs.d taillogs.d publishlogs.d systemtaillogs.d; do
  mkdir -p "$eb/tasks/$task"
done
touch "$eb/lib/ruby/profile.sh"
${tools.join('')}`;
}
