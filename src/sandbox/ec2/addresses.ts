import type { Subnet } from '../world/regions.js';
import type { RequestContext } from '../world/services.js';

export interface Addresses {
  readonly privateIp: string;
  readonly publicIp: string;
  readonly macAddress: string;
}

// Host 0 is the network, 1 and 2 are the gateway and the name server of the first subnet, 3 is AWS's own.
const FIRST_HOST = 4;
const SUBNET_HOSTS = 1024 - 1;

/** Picks addresses that no instance alive has. The public one is this sandbox's own part of 127.0.0.0/8. */
export function allocateAddresses(context: RequestContext, subnet: Subnet): Addresses {
  const alive = context.world.all.instances.list().filter((instance) => instance.state !== 'terminated');
  const usedPrivate = new Set(alive.map((instance) => instance.privateIp));
  const usedPublic = new Set(alive.map((instance) => instance.publicIp));
  const privateIp = pickFree(
    usedPrivate,
    FIRST_HOST,
    (host) => `172.31.${subnet.firstOctet + (host >> 8)}.${host & 255}`,
  );
  const publicIp = pickFree(usedPublic, 2, (host) => `127.${context.network.secondOctet}.${host >> 8}.${host & 255}`);
  const octets = privateIp.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return { privateIp, publicIp, macAddress: `02:5b:${octets.join(':')}` };
}

function pickFree(used: ReadonlySet<string>, firstHost: number, format: (host: number) => string): string {
  for (let host = firstHost; host < SUBNET_HOSTS; host++) {
    const address = format(host);
    if ((host & 255) !== 0 && (host & 255) !== 255 && !used.has(address)) return address;
  }
  throw new Error('Every address of the subnet is taken');
}
