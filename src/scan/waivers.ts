import type { WaiverConfig } from '../config/resolved-config.js';
import { compileGlob, PATH_GLOB } from '../lib/globs/compile-glob.js';
import type { Finding } from './finding.js';

/** As a config or a file of waivers has it, checked. */
export type Waiver = WaiverConfig;

export interface WaivedFinding extends Finding {
  readonly reason: string;
  readonly expires: string;
}

export interface WaiverOutcome {
  readonly findings: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
  /** Waivers that no longer hold, and those that fit nothing. */
  readonly notes: readonly WaiverNote[];
}

export interface WaiverNote {
  readonly waiver: Waiver;
  readonly note: string;
}

/** Takes waived findings out. An expired waiver waives nothing; its findings say so, and so does a note. */
export function applyWaivers(findings: readonly Finding[], waivers: readonly Waiver[], now: Date): WaiverOutcome {
  const compiled = waivers.map((waiver) => ({
    waiver,
    fits: compileWaiver(waiver),
    isExpired: isExpired(waiver, now),
  }));
  const used = new Set<Waiver>();
  const kept: Finding[] = [];
  const waived: WaivedFinding[] = [];
  for (const finding of findings) {
    const fitting = compiled.filter((each) => each.fits(finding));
    for (const { waiver } of fitting) used.add(waiver);
    const valid = fitting.find((each) => !each.isExpired);
    const [expired] = fitting;
    if (valid) waived.push({ ...finding, reason: valid.waiver.reason, expires: valid.waiver.expires });
    else if (expired)
      kept.push({ ...finding, message: `${finding.message} (its waiver expired on ${expired.waiver.expires})` });
    else kept.push(finding);
  }
  const notes = compiled.flatMap(({ waiver, isExpired: hasExpired }): readonly WaiverNote[] => {
    if (hasExpired) return [{ waiver, note: `It expired on ${waiver.expires} and waives nothing` }];
    return used.has(waiver) ? [] : [{ waiver, note: 'It fits no finding and can be removed' }];
  });
  return { findings: kept, waived, notes };
}

function compileWaiver({ check, path }: Waiver): (finding: Finding) => boolean {
  const fitsCheck = compileGlob(check, PATH_GLOB);
  const fitsPath = path === undefined ? () => true : compileGlob(path, PATH_GLOB);
  return (finding) => fitsCheck(finding.check) && (path === undefined || fitsPath(finding.path ?? ''));
}

/** A day that is not one counts as past: a waiver that nobody can read must not hide anything. */
function isExpired({ expires }: Waiver, now: Date): boolean {
  const end = Date.parse(`${expires}T23:59:59.999Z`);
  return Number.isNaN(end) || now.getTime() > end;
}
