import { describe, expect, it } from '@jest/globals';
import { parseMachineReadable } from '../../src/packer/parse-machine-readable.js';
import { findLearnedResources } from '../../src/packer/track-resources.js';

describe('findLearnedResources', () => {
  it.each([
    ['ui,say,==> ami: Creating temporary keypair: packer_6b02b5e2-f8fb', 'key-pair', 'packer_6b02b5e2-f8fb'],
    [
      'ui,say,==> ami: Creating temporary security group for this instance: packer_6b02b5e3-4b32',
      'security-group',
      'packer_6b02b5e3-4b32',
    ],
    ['ui,message,    ami: Instance ID: i-4a7bbdd00a0f86f6c', 'instance', 'i-4a7bbdd00a0f86f6c'],
    ['ui,message,    ami: AMI: ami-5e0fab343d0cc0091', 'image', 'ami-5e0fab343d0cc0091'],
  ])('learns from %j', (line, kind, id) => {
    expect(learnFrom(`1,,${line}`)).toEqual([{ kind, id }]);
  });

  it('learns every image of an artifact', () => {
    const learned = learnFrom('1,ami,artifact,0,id,us-east-1:ami-1%!(PACKER_COMMA)us-west-2:ami-2');

    expect(learned).toEqual([
      { kind: 'image', id: 'ami-1' },
      { kind: 'image', id: 'ami-2' },
    ]);
  });

  it.each([
    // A script's stdout comes at level `message`, its stderr at `error`.
    'ui,message,    ami: Creating temporary keypair: production',
    'ui,message,    ami: Creating temporary keypair: packer_1',
    'ui,error,==> ami: Creating temporary keypair: packer_1',
    'ui,error,==> ami: Instance ID: i-1',
    'ui,say,==> ami: Creating temporary keypair: production',
    'ui,message,    ami: see Instance ID: i-1 for more',
  ])('does not believe %j', (line) => {
    expect(learnFrom(`1,,${line}`)).toEqual([]);
  });
});

function learnFrom(line: string) {
  const message = parseMachineReadable(line);
  return message === undefined ? [] : findLearnedResources(message);
}
