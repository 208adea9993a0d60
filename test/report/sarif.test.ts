import { describe, expect, it } from '@jest/globals';
import { renderSarif } from '../../src/report/sarif.js';
import { aScanReport, faultyImage, faultySettings } from '../support/a-scan-report.js';
import { validateSarif } from '../support/report-validators.js';

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly locations: readonly [
    { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: object } },
  ];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions?: readonly object[];
}

interface Rule {
  readonly id: string;
  readonly help: { readonly text: string };
  readonly properties: Readonly<Record<string, unknown>>;
}

async function renderRun(options: Parameters<typeof aScanReport>[0] = {}) {
  const log = JSON.parse(renderSarif(await aScanReport(options))) as {
    readonly runs: readonly [
      {
        readonly tool: { readonly driver: { readonly rules: readonly Rule[] } };
        readonly results: readonly Result[];
        readonly invocations: readonly [{ readonly toolExecutionNotifications: readonly object[] }];
      },
    ];
  };
  return log.runs[0];
}

function uriOf({ locations: [{ physicalLocation }] }: Result): string {
  return physicalLocation.artifactLocation.uri;
}

describe('renderSarif', () => {
  it("is what Microsoft's validator takes without an error", async () => {
    const problems = await validateSarif(renderSarif(await aScanReport()));

    // The one thing that it misses is a page on the web about the tool. That it says so shows that it came to the end: a
    // log with an unknown level makes it stop without a word.
    expect(problems).toEqual([expect.stringMatching(/^SARIF2005 Warning_ProvideToolnformationUri /)]);
  });

  it('is checked by a validator that sees mistakes', async () => {
    const log = renderSarif(await aScanReport());

    const misspelt = await validateSarif(log.replaceAll('"message": {', '"massage": {'));
    const misled = await validateSarif(log.replace(/"ruleIndex": \d+/, '"ruleIndex": 99999'));

    expect(misspelt).toContainEqual(expect.stringMatching(/^JSON1002 /));
    expect(misled).toContainEqual(expect.stringMatching(/^SARIF1009 /));
  });

  it('names the rule of each result, with help and a score by which GitHub sorts', async () => {
    const { tool, results } = await renderRun();

    const { rules } = tool.driver;
    expect(results.every(({ ruleId, ruleIndex }) => rules[ruleIndex]?.id === ruleId)).toBe(true);
    expect(rules.find(({ id }) => id === 'SEC-001')).toMatchObject({
      help: { text: expect.stringMatching(/Source: /) },
      defaultConfiguration: { level: 'error' },
      properties: { 'security-severity': '9.5' },
    });
  });

  it('escapes names into relative URIs that lead back to them', async () => {
    const { results } = await renderRun();

    const uris = results.map(uriOf);
    expect(uris).toContain("home/100%25%20%C3%A9%3A%E6%97%A5%E6%9C%AC%20%23%3F%26%22'/.bash_history");
    expect(uris).toContain('home/a%0Ab*%5Bc%5D/.bash_history');
    const paths = uris.map((uri) => decodeURIComponent(new URL(uri, 'file:///').pathname));
    expect(paths.every((path) => path === '/' || path in faultyImage)).toBe(true);
  });

  it('keeps waived findings as suppressed, with the reason', async () => {
    const { results } = await renderRun();

    const suppressed = results.filter(({ suppressions }) => suppressions !== undefined);
    expect(suppressed.map(uriOf)).toEqual(['root/.bash_history']);
    expect(suppressed[0]?.suppressions).toEqual([
      { kind: 'external', status: 'accepted', justification: 'An exercise <of> the report (until 2027-01-31)' },
    ]);
  });

  it('knows a finding again when its line moves or its waiver expires, and tells all of them apart', async () => {
    const moved = { ...faultyImage, '/opt/app/.env': `# new\n\n${faultySettings}` };

    const [before, after] = [await renderRun(), await renderRun({ files: moved, waivers: [] })];

    const [known, found] = [before, after].map(({ results }) =>
      results.map(({ partialFingerprints }) => partialFingerprints['buildimgFinding/v1'] ?? '').toSorted(),
    );
    expect(found).toEqual(known);
    expect(new Set(known).size).toBe(known?.length);
  });

  it('says what was not read and not evaluated', async () => {
    const { invocations } = await renderRun();

    const [{ toolExecutionNotifications }] = invocations;
    expect(toolExecutionNotifications).toContainEqual(
      expect.objectContaining({ level: 'warning', message: { text: 'Not read: a bad block' } }),
    );
    expect(toolExecutionNotifications).toContainEqual(
      expect.objectContaining({ level: 'note', associatedRule: expect.objectContaining({ id: 'SEAL-021' }) }),
    );
  });
});
