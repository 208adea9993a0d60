import { describe, expect, it } from '@jest/globals';
import { renderQemuArguments } from '../../../src/sandbox/machine/qemu-arguments.js';
import { aLaunchRequest } from '../../support/a-launch-request.js';

describe('renderQemuArguments', () => {
  it('names files relative to the working folder only, and no address but loopback', () => {
    const args = renderQemuArguments(aLaunchRequest({ baseImage: '/secret/place/base.qcow2' }), 'tcg');

    const absolute = args.filter((argument) => /(=|:|^)\//.test(argument.replace('filename=/dev/urandom', '')));
    expect(absolute).toEqual([]);
    expect(args.join(' ')).toContain('hostfwd=tcp:127.199.0.7:22022-172.31.5.7:22');
  });

  it('keeps user data and the key out of what every user of the host can read', () => {
    const request = aLaunchRequest();
    const metadata = { ...request.metadata, userData: 'password=hunter2', publicKey: 'ssh-ed25519 AAAA' };

    const args = renderQemuArguments({ ...request, metadata }, 'tcg').join(' ');

    expect(args).not.toMatch(/hunter2|AAAA/);
  });

  it('shows EC2 in the firmware tables, with the identifier cloud-init asks for', () => {
    const args = renderQemuArguments(aLaunchRequest(), 'tcg').join(' ');

    expect(args).toMatch(/type=1,manufacturer=Amazon EC2,product=t3\.medium,serial=(ec2[0-9a-f-]{33}),uuid=\1/);
    expect(args).toContain('asset=i-0123456789abcdef0');
  });

  it.each([
    ['t3.micro', '512'],
    ['t3.small', '768'],
    ['m7i.24xlarge', '1024'],
  ])('gives a %s %s MiB', (instanceType, memory) => {
    const args = renderQemuArguments(aLaunchRequest({ instanceType }), 'tcg');

    expect(args[args.indexOf('-m') + 1]).toBe(memory);
  });

  it('uses KVM with the host processor where it works', () => {
    const args = renderQemuArguments(aLaunchRequest(), 'kvm');

    expect(args.slice(args.indexOf('-accel'), args.indexOf('-accel') + 4)).toEqual(['-accel', 'kvm', '-cpu', 'host']);
  });
});
