import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { judgeProcess, type ProcessIdentity, readProcessIdentity } from '../src/process-identity.js';
import { findThisSystem, type ProcessStart, type System } from '../src/process-system.js';

const BOOTED_AT = Date.UTC(2026, 0, 2);
const HOST = { id: 'a', name: 'build-host' };

/** A Linux on which process 4711 started ten seconds after the boot. */
function aLinux(changes: Partial<System> = {}): System {
  return {
    host: HOST,
    bootId: 'boot-1',
    bootedAt: BOOTED_AT,
    pidNamespace: 'pid:[1]',
    readStart: (pid) => (pid === 4711 ? { startTicks: '1000' } : 'none'),
    ...changes,
  };
}

function aMac(readStart: (pid: number) => ProcessStart | 'none'): System {
  return { host: HOST, readStart };
}

const recorded: ProcessIdentity = readOn(aLinux());

function readOn(system: System): ProcessIdentity {
  return readProcessIdentity(4711, system) ?? { pid: 0 };
}

describe('judgeProcess', () => {
  it('knows the process that was recorded', () => {
    expect(judgeProcess(recorded, aLinux())).toBe('alive');
  });

  it.each([
    ['no process has its id any more', aLinux({ readStart: () => 'none' })],
    ['another process has its id', aLinux({ readStart: () => ({ startTicks: '2000' }) })],
    ['the host was started again since', aLinux({ bootId: 'boot-2', bootedAt: BOOTED_AT + 3_600_000 })],
  ])('says that it is gone when %s', (_why, system) => {
    expect(judgeProcess(recorded, system)).toBe('gone');
  });

  it.each([
    ['another PID namespace, as in a container', aLinux({ pidNamespace: 'pid:[2]', readStart: () => 'none' })],
    ['a PID namespace that is not told', withoutNamespace(aLinux({ readStart: () => 'none' }))],
    ['another host', aLinux({ bootId: 'boot-2', host: { id: 'b', name: 'other' }, bootedAt: BOOTED_AT + 3_600_000 })],
    ['a host of the same name that was up before', aLinux({ bootId: 'boot-2', bootedAt: BOOTED_AT - 3_600_000 })],
    ['a kernel that was up before, under another boot id', aLinux({ bootId: 'boot-2' })],
    ['a system without /proc and ps', aMac(() => 'none')],
    ['a /proc that hides the process', aLinux({ readStart: () => ({}) })],
  ])('cannot tell from %s', (_where, system) => {
    expect(judgeProcess(recorded, system)).toBe('unknown');
  });

  it.each<ProcessIdentity>([
    { pid: 4711 },
    { pid: 4711, startTicks: '1', bootId: 'boot-0' },
    { pid: 4711, startTicks: '1', bootId: 'boot-1' },
  ])('cannot tell of a record that says too little: %j', (identity) => {
    expect(judgeProcess(identity, aLinux())).toBe('unknown');
  });

  it('goes by what ps prints where there is no /proc', () => {
    const start = { startedAt: 'Fri Jan 2 03:04:05 2026' };
    const identity = readOn(aMac(() => start));

    expect(
      judgeProcess(
        identity,
        aMac(() => start),
      ),
    ).toBe('alive');
    expect(
      judgeProcess(
        identity,
        aMac(() => ({ startedAt: 'Fri Jan 2 03:04:06 2026' })),
      ),
    ).toBe('gone');
    expect(
      judgeProcess(
        identity,
        aMac(() => 'none'),
      ),
    ).toBe('gone');
    expect(
      judgeProcess(
        identity,
        aMac(() => ({})),
      ),
    ).toBe('unknown');
    expect(judgeProcess(identity, { ...aMac(() => 'none'), host: { id: 'b', name: 'other' } })).toBe('unknown');
  });
});

function withoutNamespace({ pidNamespace: _hidden, ...system }: System): System {
  return system;
}

// As they are on this machine: by its /proc, and by its ps as on systems that have none.
describe.each([
  ['/proc', findThisSystem()],
  ['ps', findThisSystem('/nonexistent')],
])('this system, by %s', (_by, system) => {
  it('tells a living process from one that has ended', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const identity = readProcessIdentity(child.pid ?? 0, system);
    if (identity === undefined) throw new Error('It lives');
    const before = judgeProcess(identity, system);
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(before).toBe('alive');
    expect(judgeProcess(identity, system)).toBe('gone');
    expect(readProcessIdentity(child.pid ?? 0, system)).toBeUndefined();
  });
});

describe('findThisSystem', () => {
  it('says the same of the host each time', () => {
    expect(findThisSystem().host).toEqual(findThisSystem('/nonexistent').host);
  });
});
