import { describe, expect, it } from '@jest/globals';
import { findShellDialect } from '../../../src/config/scripts/shell-dialect.js';

const DEBIAN = { kind: 'os', os: 'debian-12' } as const;
const ROCKY = { kind: 'os', os: 'rocky-9' } as const;
const UNKNOWN = { kind: 'ami', id: 'ami-0123456789abcdef0' } as const;

describe('findShellDialect', () => {
  it.each([
    ['#!/bin/bash', 'bash'],
    ['#! /usr/local/bin/bash -e', 'bash'],
    ['#!/usr/bin/env bash', 'bash'],
    ['#!/usr/bin/env -S A=1 bash -eu', 'bash'],
    ['#!/bin/sh', 'posix'],
    ['#!/bin/dash\r', 'posix'],
    ['echo without a shebang', 'posix'],
    ['#!/usr/bin/python3', undefined],
    ['#!/usr/bin/env perl', undefined],
    ['#!/usr/bin/env', undefined],
    ['#!/bin/zsh', undefined],
    ['#!', undefined],
  ])('takes %j for %s on Debian', (line, dialect) => {
    expect(findShellDialect(`${line}\n:\n`, DEBIAN)).toBe(dialect);
  });

  it('knows that /bin/sh is bash on the RHEL family, and asks nothing of images that it does not know', () => {
    expect([ROCKY, UNKNOWN].map((source) => findShellDialect('#!/bin/sh\n', source))).toEqual(['bash', 'bash']);
    expect(findShellDialect('#!/bin/dash\n', ROCKY)).toBe('posix');
  });

  it('keeps away from what is no text', () => {
    expect(findShellDialect('#!/bin/bash\nexit 0\n\0', DEBIAN)).toBeUndefined();
  });
});
