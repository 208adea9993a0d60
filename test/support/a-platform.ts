import type { PlatformConfig, ResolvedImage } from '../../src/config/resolved-config.js';
import { anImage, planFacts } from './an-image.js';

/** A platform with all that a config can say of one. */
export function aPlatform(changes: Partial<PlatformConfig> = {}): PlatformConfig {
  const namespace = 'aws:elasticbeanstalk:container:custom:application';
  return {
    name: 'node-debian',
    operatingSystemName: 'Debian',
    operatingSystemVersion: '12',
    appServerName: 'none',
    appServerVersion: 'none',
    optionDefinitions: [
      { namespace, optionName: 'NODE_COMMAND', default: 'node server.js', description: 'How it starts' },
    ],
    runtime: {
      command: 'node server.js',
      commandOption: 'NODE_COMMAND',
      prepare: "npm ci && echo 'done'",
      port: 8080,
      user: 'webapp',
      healthPath: '/health?deep=1',
      startTimeoutSeconds: 60,
      environment: { GREETING: 'say "hi" to $USER\\`x`' },
      logs: { audit: '/var/log/audit/*.log' },
    },
    hooks: '/config/hooks',
    files: '/config/rootfs',
    ...changes,
  };
}

/** An image that is a platform: an upload, a script of each kind, hardening and seal. */
export function aPlatformImage(changes: Partial<ResolvedImage> = {}): ResolvedImage {
  return anImage({
    name: 'node',
    provisioners: [
      { name: 'update', options: { level: 'all' } },
      { name: 'file', options: { source: '/config/etc', destination: '/etc', owner: 'root:root', mode: '0640' } },
      { name: 'shell', options: { script: '/config/install.sh', environment: { QUOTE: `it's "$HOME" {{x}}` } } },
      { name: 'shell', options: { inline: ['id -un'], runAs: 'login-user', title: 'who\nam I' } },
      { name: 'harden', options: { profile: 'baseline' } },
      { name: 'seal', options: { machineId: 'empty', zeroFill: false } },
    ],
    platform: aPlatform(),
    ...changes,
  });
}

export const platformFacts = planFacts({
  '/config/etc/motd': { digest: 'digest of motd', mode: 0o644 },
  '/config/install.sh': { digest: 'digest of install.sh', mode: 0o755 },
  '/config/hooks/appdeploy/post/50-mine.sh': { digest: 'digest of mine', mode: 0o644 },
  '/config/hooks/appdeploy/enact/10-stop.sh': { digest: 'digest of stop', mode: 0o755 },
  '/config/rootfs/etc/nginx/conf.d/headers.conf': { digest: 'digest of headers', mode: 0o644 },
});
