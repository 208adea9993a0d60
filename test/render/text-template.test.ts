import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { quoteCode, quoteHcl, quoteShell, quoteYaml } from '../../src/render/quote.js';
import { renderText } from '../../src/render/text-template.js';

const invalid = expect.objectContaining({ code: 'TEMPLATE_INVALID', exit: 2 });
const render = (text: string, values: object) => renderText(new Map([['page', text]]), 'page', values);

describe('renderText', () => {
  it('quotes a value for the language that it lands in, and otherwise leaves it alone', () => {
    const text = '{{x}} {{shell x}} {{json x}} {{yaml x}} {{hcl x}} {{code x}}';

    expect(render(text, { x: 'a\'b"${c}' })).toBe(
      `a'b"\${c} 'a'\\''b"\${c}' "a'b\\"\${c}" "a'b\\"\${c}" "a'b\\"$\${c}" \`a'b"\${c}\``,
    );
  });

  it('repeats and chooses', () => {
    expect(
      render('{{#each list}}{{#if on}}{{name}};{{/if}}{{/each}}', { list: [{ on: true, name: 'a' }, { on: false }] }),
    ).toBe('a;');
  });

  it.each([
    '{{missing}}',
    '{{constructor}}',
    '{{x.constructor}}',
    '{{__proto__}}',
    '{{lookup x "y"}}',
    '{{#with x}}{{/with}}',
    '{{log x}}',
    '{{> part}}',
    '{{exec x}}',
    '{{#if',
  ])('refuses %s', (text) => {
    expect(() => render(text, { x: { y: 1 } })).toThrow(invalid);
  });

  it('names a template that is not there', () => {
    expect(() => renderText(new Map(), 'page', {})).toThrow(invalid);
  });
});

describe('quoting', () => {
  it('gives YAML that reads back as the same text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => parse(`- ${quoteYaml(text)}`)[0] === text));
  });

  it('keeps a shell word in one piece', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const quoted = quoteShell(text);
        return quoted.split(`'\\''`).join("'").slice(1, -1) === text && /^'(?:[^']|'\\'')*'$/.test(quoted);
      }),
    );
  });

  it('leaves no template open in HCL', () => {
    expect(quoteHcl('$${a} %{b} $%{c}')).toBe('"${"$$"}{a} %%{b} ${"$%"}{c}"');
  });

  it('fences Markdown code by more backticks than it holds', () => {
    expect(quoteCode('a ``b`` \n# c')).toBe('``` a ``b``  # c ```');
  });
});
