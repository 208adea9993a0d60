import { describe, expect, it } from '@jest/globals';
import { defineConfig } from '../../src/config/define-config.js';

describe('defineConfig', () => {
  it('returns what it is given, and has types for sources and provisioners', () => {
    const config = {
      version: 1,
      images: {
        web: {
          version: '1.0.0',
          source: { filter: { name: 'debian-12-*' }, owners: ['136693071363'] },
          provisioners: ['update', { harden: { profile: 'baseline' } }, { shell: { inline: ['true'] } }],
        },
      },
    } as const;

    expect(defineConfig(config)).toBe(config);
  });

  it('refuses, when types are checked, a filter without owners and options that do not exist', () => {
    const version = '1.0.0';

    // @ts-expect-error owners are missing
    defineConfig({ version: 1, images: { web: { version, source: { filter: { name: 'debian-12-*' } } } } });
    // @ts-expect-error there is no such operating system
    defineConfig({ version: 1, images: { web: { version, source: { os: 'debian-21' } } } });
    const source = { os: 'debian-12' } as const;
    // @ts-expect-error there is no such provisioner
    defineConfig({ version: 1, images: { web: { version, source, provisioners: ['updaet'] } } });
    // @ts-expect-error file needs options
    defineConfig({ version: 1, images: { web: { version, source, provisioners: ['file'] } } });
    // @ts-expect-error two provisioners in one entry
    defineConfig({ version: 1, images: { web: { version, source, provisioners: [{ update: {}, harden: {} }] } } });

    expect(defineConfig({ version: 1, images: { web: { version, source } } }).images['web']?.source).toBe(source);
  });
});
