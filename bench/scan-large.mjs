// A tree of a million files, looked at as a folder and as an ext4 image: node bench/scan-large.mjs [FILES]. Made below
// ~/.cache/buildimg, which takes 4 GiB and as many inodes (the image as much again), and removed afterwards.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { measure } from './measure.mjs';

const wanted = Number(process.argv[2] ?? 1_000_000);
const GIB = 1024 ** 3;
const made = new Set();
const cache = join(homedir(), '.cache', 'buildimg');
mkdirSync(cache, { recursive: true });
const { bavail, bsize, ffree } = statfsSync(cache);
if (bavail * bsize < 12 * GIB || ffree < wanted * 1.1) throw new Error(`${cache} has no room for ${wanted} files`);

const work = mkdtempSync(join(cache, 'scan-large-'));
try {
  const root = join(work, 'root');
  const counts = makeTree(root);
  say(counts.join(', '));
  say(
    'target'.padEnd(12) + ['findings', 'gaps', 'wall s', 'CPU s', 'peak MiB'].map((head) => head.padStart(10)).join(''),
  );
  await bench('folder', root);
  const image = join(work, 'disk.img');
  execFileSync('truncate', ['-s', `${Math.ceil(wanted / 180_000) + 1}G`, image]);
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-N', String(Math.ceil(wanted * 1.1)), '-d', root, image]);
  rmSync(root, { recursive: true });
  await bench('ext4 image', image);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function bench(name, target) {
  const args = ['dist/cli.mjs', 'scan', target, '--policy', 'marketplace', '--format', 'json'];
  const { ms, cpuMs, peakMib, output } = await measure('node', args, { okCodes: [0, 5] });
  const { findings, gaps } = JSON.parse(output);
  const row = [findings.length, gaps.length, (ms / 1000).toFixed(1), (cpuMs / 1000).toFixed(1), peakMib.toFixed(0)];
  say(name.padEnd(12) + row.map((cell) => String(cell).padStart(10)).join(''));
}

/** Shapes that cost a scan in different ways; shares of all files. */
function makeTree(root) {
  const shapes = [
    {
      what: 'in folders of a thousand',
      share: 0.55,
      make: (at, count) => inFolders(join(root, 'srv/data'), at, count),
    },
    { what: 'in one folder', share: 0.2, make: (at, count) => inOneFolder(join(root, 'var/spool/queue'), at, count) },
    { what: 'in homes, with text to search', share: 0.1, make: (at, count) => inHomes(join(root, 'home'), at, count) },
    {
      what: 'of node packages',
      share: 0.1,
      make: (at, count) => inPackages(join(root, 'opt/app/node_modules'), at, count),
    },
    {
      what: 'symbolic links, half of them loops',
      share: 0.05,
      make: (at, count) => links(join(root, 'usr/share/links'), at, count),
    },
  ];
  makeSystem(root);
  return shapes.map(({ what, share, make }) => {
    const count = Math.round(wanted * share);
    for (let at = 0; at < count; at += 1) make(at, count);
    return `${count} ${what}`;
  });
}

function makeSystem(root) {
  const users = Array.from(
    { length: 100 },
    (_, index) => `user${index}:x:${1000 + index}:1000::/home/user${index}:/bin/sh`,
  );
  write(join(root, 'etc'), 'passwd', `root:x:0:0:root:/root:/bin/bash\n${users.join('\n')}\n`);
  write(join(root, 'etc'), 'os-release', 'ID=debian\nVERSION_ID="12"\n');
  write(join(root, 'etc/ssh'), 'sshd_config', 'PermitRootLogin no\n');
}

function write(folder, name, text) {
  if (!made.has(folder)) {
    mkdirSync(folder, { recursive: true });
    made.add(folder);
  }
  writeFileSync(join(folder, name), text, { encoding: 'utf8' });
}

function inFolders(folder, at) {
  write(join(folder, `d${Math.floor(at / 100_000)}`, `d${Math.floor(at / 1000)}`), `file-${at}.dat`, '');
}

function inOneFolder(folder, at) {
  write(folder, at % 1000 === 0 ? `a name with\na newline ${at}` : `message-${at}`, '');
}

function inHomes(folder, at) {
  const name = ['notes.txt', '.env', 'settings.yaml', 'run.sh', 'known_hosts'][at % 5];
  const text = `# ${at}\nHOST=db${at}.example.com\nTIMEOUT=30\nexport PATH=/usr/bin:/bin\nusername: app\npassword_file: /run/secret\n`;
  write(join(folder, `user${at % 100}`, `project${Math.floor(at / 500)}`), `${at}-${name}`, text);
}

function inPackages(folder, at) {
  const home = join(folder, `package-${Math.floor(at / 5)}`);
  if (at % 5 === 0)
    write(home, 'package.json', `{"name":"package-${at / 5}","version":"1.0.${at % 97}","license":"MIT"}`);
  else write(home, `module-${at % 5}.js`, `export const value = ${at};\n`);
}

function links(folder, at, count) {
  if (at === 0) mkdirSync(folder, { recursive: true });
  symlinkSync(at % 2 === 0 ? `link-${(at + 2) % count}` : `../../../srv/data/file-${at}`, join(folder, `link-${at}`));
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
