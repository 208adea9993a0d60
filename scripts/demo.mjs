// `npm run demo`: prepares the machine, then does the main job as a user would, with the commands that a user would type:
// builds examples/nginx in the sandbox with the real packer, boots the AMI that came out, and logs in to it.
import { spawnSync } from 'node:child_process';
import { prepare, ROOT } from './prepare.mjs';

const CONFIG = 'examples/nginx/buildimg.yaml';

prepare({ forTests: false });
const built = JSON.parse(buildimg(['build', 'web', '--sandbox', '--config', CONFIG, '--json']));
const image = built.images[0];
if (image.outcome === 'unchanged') {
  print(`Nothing changed: ${image.amiId} (${image.amiName}) is already there. --force would build it again.`);
} else {
  print(`Built ${image.amiId} (${image.amiName}).`);
}
const instance = JSON.parse(buildimg(['sandbox', 'launch', image.amiId, '--json']));
print(`Booted it as ${instance.instanceId}; asking it over SSH who it is:`);
shell(`${instance.sshCommand} 'hostname; uptime -p; systemctl is-active nginx; curl -s http://localhost/ | tail -n 1'`);
print('');
print(`AMI      ${image.amiId}`);
print(`Log in   ${instance.sshCommand}`);
print('Stop     node dist/cli.mjs sandbox down');

/** Shows the command and its progress, and gives what it printed on stdout. */
function buildimg(args) {
  process.stderr.write(`\n$ buildimg ${args.join(' ')}\n`);
  const { status, stdout } = spawnSync('node', ['dist/cli.mjs', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) {
    process.stdout.write(stdout);
    process.exit(status ?? 1);
  }
  return stdout;
}

function shell(command) {
  process.stderr.write(`\n$ ${command}\n`);
  const { status } = spawnSync('sh', ['-c', command], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
