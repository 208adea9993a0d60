import type { FoundPackage } from '../inventory.js';

/**
 * The specification that RubyGems wrote when it installed a gem. It is a program; RubyGems writes it in one form only,
 * of which the lines of interest are `s.name = "rake".freeze`.
 */
export function parseGemSpecification(text: string): Omit<FoundPackage, 'path'> | undefined {
  const name = findString(text, 'name');
  const version = findString(text, 'version');
  if (name === undefined || version === undefined) return undefined;
  const [, list = ''] = /^[ \t]*s\.licenses? = (.*)$/m.exec(text) ?? [];
  return {
    type: 'gem',
    name,
    version,
    licenses: [...list.matchAll(/"([^"]*)"/g)].map(([, license]) => license ?? ''),
  };
}

function findString(text: string, field: string): string | undefined {
  return new RegExp(`^[ \\t]*s\\.${field} = "([^"\\\\]*)"`, 'm').exec(text)?.[1];
}
