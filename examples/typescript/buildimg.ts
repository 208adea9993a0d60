// Two images from one function: what YAML would say twice.
import { type BuildimgConfig, defineConfig } from 'buildimg';

type Image = BuildimgConfig['images'][string];

function describeImage(os: string, architecture: 'x86_64' | 'arm64', instanceType: string): Image {
  return {
    version: '0.3.0',
    architecture,
    source: { os },
    builder: { type: 'packer', instanceType },
    provisioners: [
      'update',
      { packages: { install: ['python3'] } },
      { shell: { script: 'scripts/add-motd.sh' } },
      { harden: { profile: 'baseline' } },
      'seal',
    ],
  };
}

export default defineConfig({
  version: 1,
  images: {
    'python-debian': describeImage('debian-12', 'x86_64', 't3.small'),
    'python-ubuntu': describeImage('ubuntu-24.04', 'arm64', 't4g.small'),
  },
});
