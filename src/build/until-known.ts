import { awsErrorCode } from '../aws/translate-error.js';
import { waitUntil } from '../aws/wait-until.js';
import type { BuildContext } from './context.js';

/** What EC2 says of an image or a snapshot that it has just made and that this replica has not heard of yet. */
const UNKNOWN_YET = ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', 'InvalidSnapshot.NotFound'];
/** https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html; snapshots were seen to take two minutes. */
const LIMIT_MS = 180_000;

/** Makes a call about something that is there, again while EC2 says that it is not. Errors: WAIT_TIMED_OUT; the call's. */
export async function untilKnown<T>(
  id: string,
  { context: { clock }, signal }: { readonly context: Pick<BuildContext, 'clock'>; readonly signal: AbortSignal },
  call: () => Promise<T>,
): Promise<T> {
  const { answer } = await waitUntil({
    what: `EC2 to know ${id}`,
    limitMs: LIMIT_MS,
    clock,
    signal,
    async check() {
      try {
        return { answer: await call() };
      } catch (error) {
        if (UNKNOWN_YET.includes(awsErrorCode(error))) return undefined;
        throw error;
      }
    },
  });
  return answer;
}
