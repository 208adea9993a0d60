// What holds for every format, and the three that people read.
import { describe, expect, it } from '@jest/globals';
import stringWidth from 'string-width';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import { type ReportFormat, renderReport, reportFormats } from '../../src/report/render-report.js';
import { collectInventory } from '../../src/scan/sbom/inventory.js';
import { NOW } from '../scan/rules/fixtures/common.js';
import { distributions } from '../scan/rules/fixtures/distributions.js';
import { aScanReport, faultyImage, HOSTILE_NAMES, PLANTED_SECRETS, plainStyle } from '../support/a-scan-report.js';
import { aMemoryTree } from '../support/memory-tree.js';

async function render(
  format: ReportFormat,
  { width = 100, ...options }: Parameters<typeof aScanReport>[0] & { readonly width?: number } = {},
): Promise<string> {
  return await renderReport(format, await aScanReport(options), {
    text: { width, style: plainStyle },
    loadTemplates: async () => await loadTextTemplates('/nonexistent'),
    collectInventory: async () =>
      await collectInventory(aMemoryTree(options.files ?? faultyImage, 'web.qcow2'), { now: NOW }),
  });
}

describe.each(reportFormats)('the report as %s', (format) => {
  it('never shows a secret, nor the part of it that matters', async () => {
    const report = await render(format);

    const leaked = PLANTED_SECRETS.filter((secret) => report.includes(secret) || report.includes(secret.slice(5)));
    expect(leaked).toEqual([]);
  });

  it('is the same for the same target at the same time', async () => {
    const reports = [await render(format), await render(format)];

    expect(reports[1]).toBe(reports[0]);
  });

  it('holds no control character but line ends', async () => {
    const report = await render(format);

    expect(report.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

describe('the report as text', () => {
  it('shows the worst first, each check with its places and its remedy', async () => {
    const report = await render('text');

    const headings = report.split('\n').filter((line) => /^[A-Z]+ · \d+$/.test(line));
    expect(headings[0]).toMatch(/^CRITICAL · /);
    expect(report).toMatch(/ {2}SEC-001 {2}\S.*\n {4}\/opt\/app\/\.env:1 .*\n {4}→ \S/);
    expect(report).toMatch(/\d+ critical, \d+ high.* · fails: high or worse$/);
  });

  it('sums up what was waived, not evaluated and not read', async () => {
    const report = await render('text');

    expect(report).toContain('SEAL-001 /root/.bash_history: An exercise <of> the report (until 2027-01-31)');
    expect(report).toContain('Waiver of KEY-003: It expired on 2026-01-31 and waives nothing');
    expect(report).toMatch(/Not evaluated · \d+\n/);
    expect(report).toContain('/srv/da\\nmaged: a bad block');
  });

  it.each([40, 64, 100, 300])('keeps its lines within %i columns', async (width) => {
    const report = await render('text', { width });

    const tooLong = report.split('\n').filter((line) => stringWidth(line) > width);
    // A path is not broken: it is there to be copied.
    expect(tooLong.filter((line) => !/^(?: {4}\/| *\S*$)/.test(line))).toEqual([]);
  });

  it('spells out what would move the cursor or turn the writing around', async () => {
    const report = await render('text');

    expect(report).toContain('/home/\\u{202e}gnp.\\u{1b}[31m/.bash_history');
    expect(report).toContain('/home/a\\nb*[c]/.bash_history');
  });

  it('shows a few places of a check and counts the others', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`/home/u${at}/.bash_history`, 'ls\n']));

    const report = await render('text', { files: { ...distributions['debian-12'], ...many } });

    expect(report).toContain('and 22 more places');
  });

  it('is short when there is nothing to say', async () => {
    const report = await render('text', { files: distributions['debian-12'] ?? {}, waivers: [] });

    expect(report).toMatch(/^web\.qcow2\nDebian GNU\/Linux 12.* · policy marketplace\n\nNot evaluated/);
    expect(report).toMatch(/\nNo findings · passes: nothing of high or worse$/);
  });
});

describe('the report as JSON', () => {
  it('has the documented shape', async () => {
    const report = JSON.parse(await render('json')) as Readonly<Record<string, unknown>>;

    expect(Object.keys(report)).toEqual([
      'format',
      'tool',
      'scannedAt',
      'target',
      'policy',
      'failOn',
      'failing',
      'os',
      'counts',
      'findings',
      'waived',
      'waiverNotes',
      'notEvaluated',
      'gaps',
    ]);
    expect(report).toMatchObject({
      format: 'buildimg-scan/1',
      scannedAt: NOW.toISOString(),
      target: 'web.qcow2',
      failing: true,
      findings: expect.arrayContaining([
        {
          check: 'SEC-001',
          severity: 'critical',
          title: expect.any(String),
          message: expect.any(String),
          path: '/opt/app/.env',
          line: 1,
          remedy: expect.any(String),
        },
      ]),
      waived: [expect.objectContaining({ path: '/root/.bash_history', expires: '2027-01-31' })],
      gaps: [{ path: '/srv/da\nmaged', reason: 'a bad block' }],
    });
  });

  it('keeps every name as it is', async () => {
    const { findings } = JSON.parse(await render('json')) as {
      readonly findings: readonly { readonly path?: string }[];
    };

    const paths = findings.map(({ path }) => path);
    expect(HOSTILE_NAMES.filter((name) => !paths.includes(name))).toEqual([]);
  });
});

describe('the report as HTML', () => {
  it('is one page that needs nothing beside it and runs nothing', async () => {
    const page = await render('html');

    const tags = page.match(/<[^>]*>/g) ?? [];
    expect(tags[0]).toBe('<!doctype html>');
    expect(
      tags.filter((tag) => /^<(?:script|img|iframe|link|object|a )|\s(?:on\w+|src|href|style)=/i.test(tag)),
    ).toEqual([]);
    expect(page).not.toMatch(/@import|url\(/);
  });

  it('writes names as text', async () => {
    const page = await render('html');

    expect(page).toContain('/home/&#60;img src=x onerror=alert(1)&#62;/.bash_history');
    expect(page).not.toContain('<img');
  });

  it('draws a bar for each severity, with its count', async () => {
    const { result } = await aScanReport();

    const page = await render('html');

    const bars = [...page.matchAll(/<g class="(\w+)">.*?width="(\d+)".*?>(\d+)<\/text><\/g>/g)];
    expect(bars.map(([, severity, , count]) => [severity, Number(count)])).toEqual(Object.entries(result.counts));
    expect(bars.every(([, , width, count]) => (Number(width) === 0) === (Number(count) === 0))).toBe(true);
  });
});
