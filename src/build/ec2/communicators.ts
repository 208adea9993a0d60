import { communicatorOf } from '../../config/communicator-of.js';
import type { CommunicatorType } from '../../config/resolved-config.js';
import type { Communicator } from '../../plugins/types.js';
import type { ImageBuild } from '../build-request.js';
import { createSshCommunicator } from './ssh/ssh-communicator.js';
import { createSsmCommunicator } from './ssm/ssm-communicator.js';

/** Every communicator by its name. */
const communicators: Readonly<Record<CommunicatorType, (build: ImageBuild) => Communicator>> = {
  ssm: createSsmCommunicator,
  ssh: createSshCommunicator,
};

/** The communicator that the image asks for. */
export function createCommunicator(build: ImageBuild): Communicator {
  return communicators[communicatorOf(build.plan.builder)](build);
}
