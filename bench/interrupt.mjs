// What an interrupted build leaves behind: bare `packer build` beside `buildimg build`, three signals at three moments,
// same templates, same sandbox: node bench/interrupt.mjs [packer|buildimg] [MOMENT] [SIGNAL]
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { loadModule } from '../scripts/load-module.mjs';

// The SDK's word on Node's age is not what is measured here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { createHome } = await loadModule('test/support/run-cli.ts');
const { createSandboxClient, listLeftovers, readSandboxEnvironment } = await loadModule('test/support/sandbox-ec2.ts');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const MOMENTS = [
  {
    moment: 'launch',
    config: 'slow',
    packer: /Instance ID: i-/,
    buildimg: /"name":"resource.created".*"kind":"instance"/,
  },
  { moment: 'provisioning', config: 'slow', packer: /provisioning has begun/, buildimg: /provisioning has begun/ },
  { moment: 'pending', config: 'sealed', packer: /AMI: ami-/, buildimg: /"name":"resource.created".*"kind":"image"/ },
];

const [tool, moment, signal] = process.argv.slice(2);
const isWanted = (value, name) => value === undefined || value === name;
for (const name of ['packer', 'buildimg'].filter((name) => isWanted(tool, name))) {
  for (const at of MOMENTS.filter((at) => isWanted(moment, at.moment))) {
    for (const by of SIGNALS.filter((by) => isWanted(signal, by))) await interrupt(name, at, by);
  }
}

/** A sandbox of its own for each run: what one leaves must not count for the next. */
async function interrupt(tool, { moment, config, ...patterns }, signal) {
  const home = await createHome();
  try {
    const file = `test/e2e/fixtures/${config}/buildimg.yaml`;
    await home.run('sandbox', 'up', '--delay', 'image=300');
    await home.run('sandbox', 'image', 'build', 'debian-12');
    await home.run('render', '--config', file, '--out', join(home.folder, 'rendered'));
    const child =
      tool === 'packer'
        ? spawn('packer', ['build', '-color=false', 'template.json'], {
            cwd: join(home.folder, 'rendered', config),
            env: { ...home.environment, ...(await readSandboxEnvironment(home)) },
            detached: true,
          })
        : spawn('node', ['dist/cli.mjs', 'build', '--sandbox', '--config', file, '--events', 'ndjson'], {
            env: home.environment,
            detached: true,
          });
    const code = await interruptAt(child, patterns[tool], signal);
    const client = await createSandboxClient(home);
    const left = await listLeftovers(client, home);
    client.destroy();
    const text = Object.entries(left)
      .filter(([, ids]) => ids.length > 0)
      .map(([kind, ids]) => `${ids.length} ${kind}`)
      .join(', ');
    process.stdout.write(
      `${tool.padEnd(9)} ${moment.padEnd(13)} ${signal.padEnd(8)} exit ${String(code).padEnd(5)} left: ${text || 'nothing'}\n`,
    );
  } finally {
    await home.run('sandbox', 'down');
    home.remove();
  }
}

function interruptAt(child, pattern, signal) {
  let output = '';
  let isSent = false;
  const look = (data) => {
    output += data;
    if (isSent || !pattern.test(output)) return;
    isSent = true;
    // The whole group, as a terminal does it: packer's outer process takes no SIGINT by itself.
    process.kill(-child.pid, signal);
  };
  child.stdout.on('data', look);
  child.stderr.on('data', look);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, endedBy) => resolve(code ?? endedBy));
  });
}
