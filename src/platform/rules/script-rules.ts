// Shell that runs on the build instance and, as hooks, on every instance of an environment.
import { HOOK_PLACE } from '../../config/hook-place.js';
import type { ArchiveEntry } from '../archive.js';
import { MAX_TEXT_BYTES } from '../archive.js';
import { makeFinding, type PlatformFinding } from '../finding.js';

const HOOKS = /^(?:.*\/)?opt\/elasticbeanstalk\/hooks\/(.+)$/;

/** Line ends, first lines and places of scripts. */
export async function checkScripts(
  entries: ReadonlyMap<string, ArchiveEntry>,
  signal: AbortSignal,
): Promise<readonly PlatformFinding[]> {
  const findings: PlatformFinding[] = [];
  for (const entry of entries.values()) {
    signal.throwIfAborted();
    const hook = HOOKS.exec(entry.path)?.[1];
    if (entry.kind !== 'file' || entry.sizeBytes > MAX_TEXT_BYTES) continue;
    if (hook === undefined && !entry.path.endsWith('.sh')) continue;
    findings.push(...checkScript(entry.path, await entry.read(MAX_TEXT_BYTES), hook));
  }
  return findings;
}

function checkScript(path: string, content: Buffer, hook: string | undefined): readonly PlatformFinding[] {
  const text = content.toString('utf8');
  const findings: PlatformFinding[] = [];
  const firstCarriageReturn = text.indexOf('\r\n');
  if (firstCarriageReturn !== -1) {
    findings.push(makeFinding('PLATFORM_SCRIPT_CRLF', { path, line: 1, column: firstCarriageReturn + 1 }, [path]));
  }
  // Other scripts may be run by `bash FILE`, or be sourced.
  if (hook !== undefined && !text.startsWith('#!') && !isBinary(content)) {
    findings.push(makeFinding('PLATFORM_SCRIPT_SHEBANG', { path, line: 1, column: 1 }, [path, describeStart(text)]));
  }
  if (hook !== undefined && !HOOK_PLACE.test(hook)) {
    findings.push(makeFinding('PLATFORM_HOOK_PLACE', { path, severity: 'warning' }, [hook]));
  }
  return findings;
}

function isBinary(content: Buffer): boolean {
  return content.subarray(0, 4).toString('latin1') === '\x7fELF';
}

function describeStart(text: string): string {
  if (text.startsWith('\ufeff')) return 'a byte order mark';
  const line = (text.split('\n')[0] ?? '').trim().slice(0, 40);
  return line === '' ? 'an empty line' : JSON.stringify(line);
}
