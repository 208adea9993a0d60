// What a guest may send. QEMU's user network lets it reach every service on its host's loopback, so each frame that leaves the
// guest goes through a process that passes on or drops it: what is not passed on has not been sent. It is perl for the reason
// that imds-relay.ts gives, and a process of its own because machines outlive their server. Without it QEMU drops everything.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { createError } from '../../errors.js';
import type { ProcessIdentity } from '../../process-identity.js';
import { InstanceFile, METADATA_SERVICE, NAME_SERVER, ROUTER } from './qemu-arguments.js';

/** Beside the folder of all instances; read again whenever it changes. */
export const FENCE_RULES = 'guest-network';

/** Starts the fence of a machine whose QEMU runs; it ends with it. Error: SANDBOX_TOOL_MISSING. */
export async function startFence(folder: string, qemu: ProcessIdentity): Promise<void> {
  await writeFile(path.join(folder, InstanceFile.fence), GUEST_FENCE);
  const rules = path.join('..', '..', FENCE_RULES);
  const { fence, sentSocket, passedSocket } = InstanceFile;
  const child = spawn('perl', [fence, sentSocket, passedSocket, rules, String(qemu.pid)], {
    cwd: folder,
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  await once(child, 'spawn').catch((cause: unknown) => {
    throw createError('SANDBOX_TOOL_MISSING', ['perl'], { cause });
  });
}

/** Says which port of the host's loopback guests may reach; undefined: none, for a port that is not ours may be anybody's. */
export async function writeFenceRules(stateDir: string, port: number | undefined): Promise<void> {
  const file = path.join(stateDir, FENCE_RULES);
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const lines = [
    ...(port === undefined ? [] : [`port ${port}`]),
    ...own.filter(({ family }) => family === 'IPv4').map(({ address }) => `host ${address}`),
  ];
  await writeFile(`${file}.new`, `${lines.join('\n')}\n`);
  await rename(`${file}.new`, file);
}

/** Source of the fence; its arguments: QEMU's socket of sent frames, of passed ones, the rules, QEMU's process id. */
export const GUEST_FENCE = `use strict;
use Errno qw(EAGAIN EINTR);
use Fcntl;
use Socket;
my ($sent_name, $passed_name, $rules_file, $qemu) = @ARGV;
my ($router, $name_server, $metadata) = map { inet_aton($_) } qw(${ROUTER} ${NAME_SERVER} ${METADATA_SERVICE});
my ($port, %host, $rules_stamp) = (0);
my ($sent, $passed) = (join_qemu($sent_name), join_qemu($passed_name));
fcntl($passed, F_SETFL, O_NONBLOCK) or exit 1;
my ($in, $out) = ('', '');
for (;;) {
  my ($ready, $free) = ('', '');
  vec($ready, fileno($_), 1) = 1 for $sent, $passed;
  vec($free, fileno($passed), 1) = 1 if length $out;
  if (select($ready, $free, undef, undef) < 0) { next if $! == EINTR; exit 1; }
  if (vec($ready, fileno($passed), 1)) {
    my $count = sysread($passed, my $ignored, 65536);
    exit 0 if defined $count ? !$count : $! != EAGAIN;
  }
  if (length $out && vec($free, fileno($passed), 1)) {
    my $count = syswrite($passed, $out);
    if (defined $count) { substr($out, 0, $count, ''); } elsif ($! != EAGAIN) { exit 0; }
  }
  next if !vec($ready, fileno($sent), 1);
  sysread($sent, $in, 65536, length $in) or exit 0;
  read_rules();
  # Each frame is preceded by its length. What QEMU does not take in time is lost, as on any network.
  while (length $in >= 4 && length $in >= 4 + unpack('N', $in)) {
    my $frame = substr($in, 0, 4 + unpack('N', $in), '');
    $out .= $frame if length $out < 4_000_000 && is_allowed(substr($frame, 4));
  }
}

sub is_allowed {
  return 0 if length $_[0] < 14;
  my ($type, $packet) = unpack('x12 n a*', $_[0]);
  return 1 if $type == 0x0806; # ARP
  return 0 if $type != 0x0800 || length $packet < 20;
  my ($first, $fragment, $protocol, $to) = unpack('C x5 n x C x6 a4', $packet);
  my $header = 4 * ($first & 15);
  return 0 if $first >> 4 != 4 || $header < 20;
  my $is_whole = !($fragment & 0x3fff) && length $packet >= $header + 4;
  my $to_port = $is_whole && ($protocol == 6 || $protocol == 17) ? unpack('n', substr($packet, $header + 2, 2)) : 0;
  my ($is_tcp, $is_udp) = ($protocol == 6, $protocol == 17);
  return 1 if $is_udp && $to_port == 67 && ($to eq $router || $to eq INADDR_BROADCAST); # DHCP
  return $to_port == 53 if $to eq $name_server;
  return $is_tcp && $to_port == 80 if $to eq $metadata;
  if ($to eq $router) {
    return $is_whole if $protocol == 1; # answered by the router itself
    return 0 if !$is_tcp || !$is_whole || length $packet < $header + 20;
    # Answers on a connection from outside are let through, and only what opens none can have these flags.
    return $to_port == $port || unpack('C', substr($packet, $header + 13, 1)) & 0x14;
  }
  my ($a, $b) = unpack('CC', $to);
  return 0 if $a == 0 || $a == 127 || $a >= 224 || ($a == 169 && $b == 254) || ($a == 172 && $b == 31);
  return !$host{$to};
}

sub read_rules {
  my $stamp = join ' ', (stat $rules_file)[1, 7, 9];
  return if defined $rules_stamp && $stamp eq $rules_stamp;
  ($rules_stamp, $port, %host) = ($stamp, 0);
  open(my $rules, '<', $rules_file) or return;
  while (<$rules>) {
    $port = $1 if /^port (\\d+)$/;
    $host{inet_aton($1)} = 1 if /^host ([\\d.]+)$/;
  }
}

sub join_qemu {
  my ($name) = @_;
  socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or exit 1;
  until (connect($socket, sockaddr_un($name))) {
    kill(0, $qemu) or exit 1;
    select(undef, undef, undef, 0.05);
  }
  return $socket;
}
`;
