import { findLine } from '../../parse/lines.js';
import type { Fault } from '../rule.js';
import { isConfigurationFile } from './candidates.js';
import { findSecretSettings, findUrlCredentials } from './settings.js';
import { findPrivateKeys, findTokens } from './tokens.js';

export interface InspectedFile {
  readonly path: string;
  readonly text: string;
  /** The home that the file lies in. */
  readonly home: string | undefined;
}

/** Files with a check of their own, which says what they are. */
const HOST_KEYS = /^\/etc\/(?:ssh\/(?:ssh_host_|[^/]*_key$)|dropbear\/)/;
const ENVIRONMENT =
  /^\/etc\/(?:environment(?:\.d\/|$)|profile|bash\.bashrc|bashrc|zsh|security\/pam_env)|\.(?:service|socket)(?:\.d\/|$)/;
/** Not in a comment. */
const REGION =
  /^(?!\s*[#;]).*?\b((?:us(?:-gov)?|eu|ap|ca|sa|me|af|il|mx|cn)-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-\d[a-f]?)\b/s;
const BUILD_IDS = /\b(?:i|vpc|subnet|eni|vol|snap|sg)-[0-9a-f]{17}\b|\bami-[0-9a-f]{17}\b/;

/** Everything that a text gives away. */
export function* inspectText(file: InspectedFile): Iterable<Fault> {
  const { path, text } = file;
  yield* listKeys(file);
  // What cloud-init kept of its user-data has a check of its own: the remedy is to clean it, not to look for the place.
  const isCloudState = path.startsWith('/var/lib/cloud/');
  for (const { check, message, line } of findTokens(text)) {
    yield { check: isCloudState ? 'SEC-008' : check, path, line, message: `Here is ${message}` };
  }
  if (isCloudState || ENVIRONMENT.test(path) || isConfigurationFile(path)) yield* listSettings(file, isCloudState);
  if (isTextOfPeople(path)) {
    for (const { scheme, user, host, line } of findUrlCredentials(text)) {
      const check = isCloudState ? 'SEC-008' : path.endsWith('/.git/config') ? 'SEC-010' : 'SEC-005';
      yield { check, path, line, message: `A ${scheme} URL for ${host} carries the password of ${user}` };
    }
  }
  yield* listCloudHabits(file);
}

function* listKeys({ path, text, home }: InspectedFile): Iterable<Fault> {
  if (HOST_KEYS.test(path)) return;
  for (const { kind, isEncrypted, line } of findPrivateKeys(text)) {
    const message = `Here is a private key (${kind}${isEncrypted ? ', encrypted' : ''})`;
    yield { check: keyCheck(path, home), path, line, message };
  }
}

function keyCheck(path: string, home: string | undefined): string {
  if (path.startsWith('/var/lib/cloud/')) return 'SEC-008';
  if (/^\/etc\/(?:ssl|pki|letsencrypt|nginx|apache2|httpd)\//.test(path) || /\.(?:pem|key|crt)$/i.test(path))
    return 'KEY-008';
  return home === undefined ? 'SEC-003' : 'KEY-002';
}

function* listSettings({ path, text }: InspectedFile, isCloudState: boolean): Iterable<Fault> {
  const check = isCloudState ? 'SEC-008' : ENVIRONMENT.test(path) ? 'SEC-009' : 'SEC-006';
  for (const { key, shown, line } of findSecretSettings(text)) {
    yield { check, path, line, message: `${key} has a value in the image: ${shown}` };
  }
}

/** Not data: a URL in a database dump or a web page is nobody's credential. */
function isTextOfPeople(path: string): boolean {
  return (
    /^\/(?:etc|opt|srv|root|home|usr\/local|var\/(?:www|lib\/cloud|log|spool))\//.test(path) &&
    !/\.(?:html?|js|md|rst)$/.test(path)
  );
}

/** What ties the image to one region, one build, or the metadata service of yesterday. */
function* listCloudHabits({ path, text }: InspectedFile): Iterable<Fault> {
  if (!/^\/(?:etc|opt|usr\/local|usr\/lib|var\/lib\/cloud\/scripts|root|home|srv)\//.test(path)) return;
  const isScript = text.startsWith('#!') || /\.(?:sh|py|rb|pl|service)$/.test(path);
  const metadata = isScript ? findLine(text, /169\.254\.169\.254|fd00:ec2::254|instance-data\.ec2/) : undefined;
  if (metadata && /curl|wget|http/i.test(text) && !/latest\/api\/token|\/api\/token|boto3|ec2-metadata\b/.test(text)) {
    yield {
      check: 'CLD-002',
      path,
      line: metadata.line,
      message: 'This script asks the metadata service without a token (IMDSv1)',
    };
  }
  if (!/^\/(?:etc|opt)\/|\/\.aws\/config$/.test(path) || (path.startsWith('/opt/') && !isConfigurationFile(path)))
    return;
  const region = findLine(text, REGION)?.found[1];
  if (region) yield { check: 'CLD-008', path, message: `${region} is written into the image` };
  const id = path.startsWith('/etc/') ? findLine(text, BUILD_IDS) : undefined;
  if (id) yield { check: 'SEAL-022', path, line: id.line, message: `${id.found[0]} belongs to the build` };
}
