import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { encodeSettings, hcl2Dialect, legacyDialect } from '../../src/render/packer/dialect.js';
import { packerTemplate, variable } from '../../src/render/packer/template.js';
import { hostileStrings } from '../support/hostile-strings.js';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom('{', '}', '$', '%', '`', '{{', '${', '%{', 'a', '\n', '"')).map((parts) => parts.join('')),
  fc.constantFrom(...hostileStrings),
);

describe('text in legacy JSON', () => {
  it('comes back from a Go template as it was', () => {
    fc.assert(fc.property(anyText, (text) => readGo(legacyDialect.escapeText(text)) === text));
  });
});

describe('text in HCL2 JSON', () => {
  it('comes back from HCL and then a Go template as it was', () => {
    fc.assert(fc.property(anyText, (text) => readGo(readHcl(hcl2Dialect.escapeText(text))) === text));
  });
});

describe('encodeSettings', () => {
  it('writes expressions in each dialect and escapes everything else, keys too', () => {
    const settings = {
      'a{{': variable('run_id'),
      b: [packerTemplate('{{ .SourceAMI }}'), '${x}', 1, true],
      left: undefined,
    };

    expect(encodeSettings(settings, legacyDialect)).toEqual({
      'a{{`{{`}}': '{{user `run_id`}}',
      b: ['{{ .SourceAMI }}', '${x}', 1, true],
    });
    expect(encodeSettings(settings, hcl2Dialect)).toEqual({
      'a{{`{{`}}': '${var.run_id}',
      b: ['{{ .SourceAMI }}', '$${x}', 1, true],
    });
  });

  it('does not take a tag of the user for an expression', () => {
    const tags = { kind: 'variable', text: 'run_id', name: 'run_id' };

    expect(encodeSettings(tags, legacyDialect)).toEqual(tags);
  });
});

/** What Go's text/template makes of text whose only actions are raw strings; anything else is an error there too. */
function readGo(template: string): string {
  let rest = template;
  let text = '';
  for (let at = rest.indexOf('{{'); at !== -1; at = rest.indexOf('{{')) {
    const action = /^\{\{`([^`]*)`\}\}/.exec(rest.slice(at));
    if (action === null) throw new Error(`not a raw string: ${rest}`);
    text += rest.slice(0, at) + (action[1] ?? '');
    rest = rest.slice(at + action[0].length);
  }
  return text + rest;
}

/** What HCL makes of a template whose only interpolations are quoted runs of `$` and `%`. */
function readHcl(template: string): string {
  return template.replaceAll(/\$\{"([$%]+)"\}|\$\$\{|%%\{|\$\{|%\{/g, (match, run: string | undefined) => {
    if (run !== undefined) return run;
    if (match.length === 3) return match.slice(1);
    throw new Error(`unescaped ${match}`);
  });
}
