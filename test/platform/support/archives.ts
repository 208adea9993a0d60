// Archives as strangers make them, byte by byte where no tool would.
import { type Zippable, zipSync } from 'fflate';

export const PLATFORM_YAML = 'version: "1.0"\nprovisioner:\n  type: packer\n  template: custom_platform.json\n';

export const TEMPLATE = JSON.stringify({
  builders: [
    {
      type: 'amazon-ebs',
      region: 'us-east-1',
      source_ami: 'ami-00000000',
      instance_type: 't3.small',
      ssh_username: 'admin',
      ami_name: 'x',
    },
  ],
});

const UNIX = 3;
const text = (value: string) => new TextEncoder().encode(value);

/** A sound archive, with `changes` over it; a value of undefined leaves the entry out. */
export function aZip(changes: Readonly<Record<string, string | Uint8Array | undefined>> = {}): Uint8Array {
  const entries = Object.entries({ 'platform.yaml': PLATFORM_YAML, 'custom_platform.json': TEMPLATE, ...changes });
  const files = entries.flatMap(([path, content]) =>
    content === undefined ? [] : [[path, typeof content === 'string' ? text(content) : content] as const],
  );
  return zipSync(Object.fromEntries(files) as Zippable);
}

/** As aZip, with a symbolic link in it. */
export function aZipWithLink(path: string, target: string): Uint8Array {
  const link = [text(target), { os: UNIX, attrs: (0o120777 << 16) >>> 0 }] as const;
  return zipSync({
    'platform.yaml': text(PLATFORM_YAML),
    'custom_platform.json': text(TEMPLATE),
    [path]: link as unknown as Uint8Array,
  });
}

const CENTRAL_ENTRY = 0x02014b50;

/** Changes each entry of the central directory; `offset` is where the entry begins. */
export function patchDirectory(
  zip: Uint8Array,
  patch: (view: DataView, offset: number, index: number) => void,
): Uint8Array {
  const copy = zip.slice();
  const view = new DataView(copy.buffer);
  let index = 0;
  for (let offset = 0; offset < copy.length - 4; offset += 1) {
    if (view.getUint32(offset, true) !== CENTRAL_ENTRY) continue;
    patch(view, offset, index);
    index += 1;
  }
  return copy;
}

/** Places in an entry of the central directory. */
export const DIRECTORY = { flags: 8, compressedSize: 20, size: 24, headerOffset: 42 } as const;
