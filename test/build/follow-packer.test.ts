import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createPackerFollower, type PackerNews } from '../../src/build/follow-packer.js';
import { type PackerMessage, parseMachineReadable } from '../../src/packer/parse-machine-readable.js';
import { formatMarker, listMarkedSteps } from '../../src/render/packer/step-markers.js';
import { readTranscript } from '../support/stand-in-packer/transcript.js';

const SECRET = '00112233445566778899aabbccddeeff';
const NAMES = ['packer-1.6.6', 'packer-1.6.6-fails', 'packer-1.16.0', 'packer-1.16.0-fails'] as const;
const STEPS = ['upload', 'talk', 'scan instance', 'seal'].map((name) => ({ name, isGate: name === 'scan instance' }));

describe('createPackerFollower', () => {
  it('tells where packer is, what it announced before it was connected, and when it waits', () => {
    expect(follow(transcriptLines('packer-1.16.0'))).toEqual([
      { announced: { kind: 'key-pair', name: 'packer_6b0db1a5-f6fe-7d95-f7d1-cd098051afa2' }, step: 'launch instance' },
      {
        announced: { kind: 'security-group', name: 'packer_6b0db1a5-6600-cc3f-85d2-cde21fdbaa6f' },
        step: 'launch instance',
      },
      { step: 'connect' },
      { step: 'upload' },
      { step: 'talk' },
      { step: 'scan instance', isWaiting: true },
      { step: 'seal' },
      { step: 'stop instance', isProvisioned: true },
    ]);
  });

  it.each(NAMES)('hears nothing in any line of any packer that a script prints, wherever it does so (%s)', (name) => {
    const lines = transcriptLines(name);
    const connected = lines.findIndex((line) => line.includes('Connected to SSH!')) + 1;
    const quiet = JSON.stringify(follow(lines));
    const printed = new Set(NAMES.flatMap(transcriptLines).flatMap((line) => asScriptOutput(name, line)));
    const misheard: string[] = [];

    for (let position = connected; position <= lines.length; position += 1) {
      const before = lines.slice(0, position);
      const after = lines.slice(position);
      for (const line of printed) {
        const told = follow([...before, line, ...after]);
        if (JSON.stringify(told) !== quiet) misheard.push(`${position}: ${line}`);
      }
    }

    expect(printed.size).toBeGreaterThan(400);
    expect(misheard).toEqual([]);
  });

  it('counts markers in their order and once, and takes none for one that has another secret or more text', () => {
    const marks = ['1', '3', '1', '2 ', '2', '-3', '3x', '03'].map((number) => say(`${SECRET} ${number}`));
    const forged = [say(`${'f'.repeat(32)} 3`), say(`x ${SECRET} 3`), say(`${SECRET} 3 more`), `${SECRET} 3`];

    const told = follow([...marks, ...forged, say(`${SECRET} 3`)]);

    expect(told).toEqual([{ step: 'upload' }, { step: 'talk' }, { step: 'scan instance', isWaiting: true }]);
  });

  it('believes no line on stderr, which scripts and programs write', () => {
    const text = '==> ami: Creating temporary keypair: packer_1';

    expect(follow([`1,,ui,error,${text}`, `1,,ui,say,${text}`])).toHaveLength(1);
  });
});

describe('listMarkedSteps', () => {
  it('gives a provisioner that goes on with a step no marker, and tells steps of one title apart', () => {
    const provisioner = { type: 'shell', expect_disconnect: false } as const;
    const steps = listMarkedSteps([
      { title: 'upload', provisioner },
      { title: 'upload', provisioner, isContinued: true },
      { title: 'upload', provisioner },
      { title: 'scan instance', provisioner },
      { title: 'scan instance', provisioner, isGate: true },
    ]);

    expect(steps).toEqual([
      { name: 'upload', isGate: false },
      { name: 'upload (2)', isGate: false },
      { name: 'scan instance', isGate: false },
      { name: 'scan instance (2)', isGate: true },
    ]);
  });
});

/** What was told, without what says the same as before. */
function follow(lines: readonly string[]): readonly PackerNews[] {
  const follower = createPackerFollower({ secret: SECRET, steps: STEPS });
  const told: PackerNews[] = [];
  for (const line of lines) {
    const message = parse(line);
    const news = follower.readMarker(line) ?? (message === undefined ? {} : follower.read(message));
    const isNew = news.step !== told.at(-1)?.step || news.announced !== undefined;
    if (Object.keys(news).length > 0 && isNew) told.push(news);
  }
  return told;
}

const parsed = new Map<string, PackerMessage | undefined>();

/** The same lines come a hundred thousand times. */
function parse(line: string): PackerMessage | undefined {
  if (!parsed.has(line)) parsed.set(line, parseMachineReadable(line));
  return parsed.get(line);
}

/** A transcript with the markers that a build would have in it. */
function transcriptLines(name: (typeof NAMES)[number]): readonly string[] {
  const file = join('test/support/packer-transcripts', `${name}.txt`);
  const { launch, script, isFailure, capture, cleanup } = readTranscript(file);
  const marks = STEPS.map((_, index) => say(formatMarker(SECRET, index + 1)));
  const end = isFailure ? [] : [...marks.slice(2), say(formatMarker(SECRET, STEPS.length + 1))];
  const lines = [...marks.slice(0, 2), ...script.map(stamp), ...end, ...capture.map(stamp), ...cleanup.map(stamp)];
  return [...launch.map(stamp), ...lines];
}

/** The line as a script's on stdout and on stderr: whole, and its text alone. */
function asScriptOutput(name: (typeof NAMES)[number], line: string): readonly string[] {
  const text = line.slice(line.lastIndexOf(',') + 1);
  const out = name.includes('1.6.6') ? 'message,    tiny: ' : 'say,==> amazon-ebs.tiny: ';
  const whole = line.replaceAll(',', '%!(PACKER_COMMA)').replaceAll(SECRET, '***');
  return [text, text.replace(/^(?:==> | {4})[\w.-]+: /, ''), whole]
    .map((each) => each.replaceAll(SECRET, '***'))
    .flatMap((each) => [`1796059705,,ui,${out}${each}`, `1796059705,,ui,error,==> tiny: ${each}`]);
}

function say(text: string): string {
  return stamp(`,ui,say,==> amazon-ebs.tiny: ${text}`);
}

function stamp(line: string): string {
  return `1796059705,${line}`;
}
