// The command line of one machine. Every file is named relative to the instance's folder, which is QEMU's working folder:
// neither the length nor the characters of the state folder's path can then break a socket address or an option.

import type { Accelerator } from './accelerator.js';
import type { LaunchRequest } from './instance-driver.js';

/** Names of the files in an instance's folder. */
export const InstanceFile = {
  record: 'machine.json',
  disk: 'disk.qcow2',
  console: 'console.log',
  output: 'qemu.log',
  pid: 'qemu.pid',
  qmpSocket: 'qmp.sock',
  agentSocket: 'agent.sock',
  metadataSocket: 'imds.sock',
  relay: 'imds-relay.pl',
  fence: 'guest-fence.pl',
  sentSocket: 'sent.sock',
  passedSocket: 'passed.sock',
} as const;

/** The VPC's router, by which a guest reaches the sandbox on its host's loopback; name server and metadata service, at the addresses that EC2 gives them. */
export const ROUTER = '172.31.0.1';
export const NAME_SERVER = '172.31.0.2';
export const METADATA_SERVICE = '169.254.169.254';
// slirp refuses to forward an address outside its own network; this is the smallest one that holds both of the above.
const NETWORK = '160.0.0.0/4';

// Debian 13's kernel panics on QEMU 7.2 with "max" (cmpxchg16b), so the model is pinned. It calls itself an Atom Bonnell
// (family 6, model 28, a stepping without errata), which executes in order: Linux then leaves out page-table isolation and
// retpolines (arch/x86/kernel/cpu/common.c, NO_SPECULATION), each of which costs an emulator dearly and protects nothing.
const EMULATED_CPU = 'Nehalem,family=6,model=28,stepping=10';

// Without address space randomisation the emulator finds what it has translated of a library again in the next process:
// 200 times `/bin/true` takes 3.8 s instead of 8.9 s. Handed in from outside (systemd-sysctl.service(8), systemd.system-
// credentials(7)), after the image's own sysctl.d, so that the image itself is not touched.
const EMULATED_SYSCTL = 'type=11,value=io.systemd.credential:sysctl.extra=kernel.randomize_va_space=0';

/** Everything after the program's name. */
export function renderQemuArguments(request: LaunchRequest, accelerator: Accelerator): readonly string[] {
  return [
    ['-name', request.instanceId],
    ['-accel', accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi,tb-size=256'],
    ['-cpu', accelerator === 'kvm' ? 'host' : EMULATED_CPU],
    ['-smp', '2', '-m', String(memoryMib(request.instanceType))],
    ['-machine', 'q35,usb=off,vmport=off,smbus=off,sata=off'],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none'],
    ['-serial', `file:${InstanceFile.console}`],
    ['-pidfile', InstanceFile.pid],
    ['-qmp', `unix:${InstanceFile.qmpSocket},server=on,wait=off`],
    ...diskArguments(request),
    ...networkArguments(request),
    ...agentArguments(),
    ['-object', 'rng-random,id=rng0,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng0'],
    ...dmiArguments(request),
    ...(accelerator === 'kvm' ? [] : [['-smbios', EMULATED_SYSCTL]]),
  ].flat();
}

/** Modest on purpose: several machines share a developer's computer. */
function memoryMib(instanceType: string): number {
  const size = instanceType.split('.')[1] ?? '';
  return size === 'nano' || size === 'micro' ? 512 : size === 'small' ? 768 : 1024;
}

// cache=unsafe: a sandbox disk need not survive the host's power failure, and fsync is most of what apt does.
function diskArguments(request: LaunchRequest): readonly (readonly string[])[] {
  const options = 'if=none,id=root,format=qcow2,cache=unsafe,discard=unmap,detect-zeroes=unmap,aio=threads';
  const serial = request.rootVolumeId.replace('-', '');
  return [
    ['-drive', `file=${InstanceFile.disk},${options}`],
    ['-device', `nvme,drive=root,serial=${serial.slice(0, 20)}`],
  ];
}

function networkArguments(request: LaunchRequest): readonly (readonly string[])[] {
  const hostName = `ip-${request.privateIp.replaceAll('.', '-')}`;
  const user = [
    `user,id=net0,net=${NETWORK},host=${ROUTER},dns=${NAME_SERVER},dhcpstart=${request.privateIp},ipv6=off`,
    `hostname=${hostName}`,
    `hostfwd=tcp:${request.publicIp}:${request.sshPort}-${request.privateIp}:22`,
    `guestfwd=tcp:${METADATA_SERVICE}:80-cmd:perl ${InstanceFile.relay} ${InstanceFile.metadataSocket}`,
  ].join(',');
  return [
    ['-netdev', user],
    ['-device', `virtio-net-pci,netdev=net0,mac=${request.metadata.macAddress},romfile=`],
    // Whatever the guest sends takes the way over the fence; while nobody is at the other end, it is lost.
    ['-chardev', `socket,id=sent0,path=${InstanceFile.sentSocket},server=on,wait=off`],
    ['-chardev', `socket,id=passed0,path=${InstanceFile.passedSocket},server=on,wait=off`],
    ['-object', 'filter-redirector,id=fence0,netdev=net0,queue=rx,outdev=sent0,indev=passed0'],
  ];
}

function agentArguments(): readonly (readonly string[])[] {
  return [
    ['-device', 'virtio-serial-pci'],
    ['-chardev', `socket,path=${InstanceFile.agentSocket},server=on,wait=off,id=agent0`],
    ['-device', 'virtserialport,chardev=agent0,name=org.qemu.guest_agent.0'],
  ];
}

// By these cloud-init's Ec2 datasource knows with strict_id that it runs on EC2 (tools/ds-identify, DataSourceEc2.py).
function dmiArguments(request: LaunchRequest): readonly (readonly string[])[] {
  const digits = request.instanceId.replace(/^i-/, '').padStart(17, '0');
  const uuid = `ec2${digits.slice(0, 5)}-${digits.slice(5, 9)}-4${digits.slice(9, 12)}-8${digits.slice(12, 15)}-${digits.slice(5, 17)}`;
  return [
    ['-uuid', uuid],
    ['-smbios', 'type=0,vendor=Amazon EC2,version=1.0'],
    ['-smbios', `type=1,manufacturer=Amazon EC2,product=${request.instanceType},serial=${uuid},uuid=${uuid}`],
    ['-smbios', `type=2,manufacturer=Amazon EC2,asset=${request.instanceId}`],
    ['-smbios', 'type=3,manufacturer=Amazon EC2,asset=Amazon EC2'],
  ];
}
