// Shared by the measurements: whole processes, wall time and peak memory, medians of interleaved runs.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';

/**
 * Runs a command to its end. Gives wall and CPU time in ms, peak resident memory in MiB (of the process itself, not of those
 * that it starts) and its stdout; throws when it exits with none of `okCodes`. `onError` gets each line of stderr.
 */
export async function measure(command, args, { okCodes = [0], onError, ...options } = {}) {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let peakMib = 0;
  let cpuMs = 0;
  const sample = setInterval(() => {
    peakMib = Math.max(peakMib, readPeakMib(child.pid));
    cpuMs = Math.max(cpuMs, readCpuMs(child.pid));
  }, 10);
  let errorText = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (data) => {
    output += data;
  });
  child.stderr.setEncoding('utf8').on('data', (data) => {
    errorText += data;
  });
  if (onError !== undefined) createInterface({ input: child.stderr }).on('line', onError);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearInterval(sample);
  if (!okCodes.includes(code)) throw new Error(`${command} ${args.join(' ')} exited with ${code}: ${errorText}`);
  return { ms: performance.now() - started, cpuMs, peakMib, output };
}

/** Medians per case; the runs of all cases are interleaved, so that a noisy minute hits all of them alike. */
export async function interleave(cases, { runs }) {
  const times = new Map(Object.keys(cases).map((name) => [name, []]));
  for (let index = 0; index < runs; index += 1) {
    for (const [name, run] of Object.entries(cases)) times.get(name).push((await run()).ms);
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]));
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** VmHWM: the kernel's own high-water mark, so that sampling cannot miss the peak but the last few ms. */
function readPeakMib(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** utime and stime of proc(5), in ticks of 10 ms; all threads. */
function readCpuMs(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}
