import type { InstanceControl } from './ec2-ports.js';

const LINES = 12;

/** The last lines that an instance wrote to its console, for messages; empty where EC2 does not have any. */
export async function readConsoleEnd(
  { readConsole }: Pick<InstanceControl, 'readConsole'>,
  instanceId: string,
): Promise<string> {
  return endOfConsole(await readConsole(instanceId).catch(() => ''));
}

export function endOfConsole(output: string): string {
  return output.trimEnd().split(/\r?\n/).slice(-LINES).join('\n');
}
