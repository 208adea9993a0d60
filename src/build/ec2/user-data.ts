// What cloud-init does on the first boot of the build instance. Nothing of it is in the image: `seal` removes what cloud-init
// keeps, and the unit is in /run.
import { HOST_KEYS_BEGIN, HOST_KEYS_END } from './ssh/host-keys.js';

export interface UserDataOrder {
  readonly expiryHours: number;
  /** Of the image's own plan. */
  readonly userData?: string;
  /** Line for the authorized_keys of the image's default user. */
  readonly authorizedKey?: string;
}

const BOUNDARY = 'BUILDIMG_PART';

/** One script, or several parts as MIME has it. https://docs.cloud-init.io/en/latest/explanation/format.html */
export function renderUserData({ expiryHours, userData, authorizedKey }: UserDataOrder): string {
  const script = `#!/bin/sh\n${renderExpiry(expiryHours)}${authorizedKey === undefined ? '' : SHOW_HOST_KEYS}`;
  const parts = [
    ...(userData === undefined ? [] : [renderPart('text/cloud-config', userData)]),
    ...(authorizedKey === undefined ? [] : [renderPart('text/cloud-config', renderKey(authorizedKey))]),
  ];
  if (parts.length === 0) return script;
  const header = `Content-Type: multipart/mixed; boundary="${BOUNDARY}"\nMIME-Version: 1.0\n\n`;
  return `${header}${[...parts, renderPart('text/x-shellscript', script)].join('')}--${BOUNDARY}--\n`;
}

/** The instance ends itself when nobody comes back for it: it shuts down, and that terminates it. */
export function renderExpiry(hours: number): string {
  return `systemd-run --quiet --unit=buildimg-expiry --on-active=${hours * 3600} systemctl poweroff\n`;
}

// cloud-init does so by itself, unless the image says `emit_keys_to_console: false`.
const SHOW_HOST_KEYS = `{
  echo '${HOST_KEYS_BEGIN}'
  cat /etc/ssh/ssh_host_*_key.pub
  echo '${HOST_KEYS_END}'
} >/dev/console
`;

/** JSON is YAML. */
function renderKey(line: string): string {
  return `#cloud-config\n${JSON.stringify({ ssh_authorized_keys: [line] })}\n`;
}

function renderPart(type: string, text: string): string {
  return `--${BOUNDARY}\nContent-Type: ${type}; charset="us-ascii"\nMIME-Version: 1.0\n\n${text}\n`;
}
