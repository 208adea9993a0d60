// The disk of one machine: a copy-on-write overlay, and its flattened copy.

import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createError } from '../../errors.js';
import type { LaunchRequest } from './instance-driver.js';
import { InstanceFile } from './qemu-arguments.js';
import { runTool } from './run-tool.js';

const CREATE_TIMEOUT_MS = 60_000;
const FLATTEN_TIMEOUT_MS = 10 * 60_000;
const GIB = 1024 ** 3;

/** Makes the instance's overlay. Error: SANDBOX_MACHINE_START_FAILED when the volume is smaller than the image. */
export async function createOverlay(folder: string, request: LaunchRequest, signal?: AbortSignal): Promise<void> {
  const base = path.resolve(request.baseImage);
  const information = await runTool({
    program: 'qemu-img',
    arguments: ['info', '--output=json', '-f', 'qcow2', base],
    timeoutMs: CREATE_TIMEOUT_MS,
    signal,
  });
  const baseSize = (JSON.parse(information) as { readonly 'virtual-size': number })['virtual-size'];
  if (baseSize > request.rootVolumeSizeGib * GIB) {
    const reason = `its root volume of ${request.rootVolumeSizeGib} GiB is smaller than its image (${Math.ceil(baseSize / GIB)} GiB)`;
    throw createError('SANDBOX_MACHINE_START_FAILED', [request.instanceId, reason]);
  }
  await runTool({
    program: 'qemu-img',
    arguments: [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-F',
      'qcow2',
      '-b',
      base,
      InstanceFile.disk,
      `${request.rootVolumeSizeGib}G`,
    ],
    timeoutMs: CREATE_TIMEOUT_MS,
    workingFolder: folder,
    signal,
  });
}

/** Writes a self-contained copy of an overlay, under its final name only when it is whole. */
export async function flattenDisk(disk: string, file: string, signal?: AbortSignal): Promise<void> {
  const unfinished = `${file}.unfinished`;
  try {
    await runTool({
      program: 'qemu-img',
      arguments: ['convert', '-W', '-f', 'qcow2', '-O', 'qcow2', '-o', 'lazy_refcounts=on', disk, unfinished],
      timeoutMs: FLATTEN_TIMEOUT_MS,
      signal,
    });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
