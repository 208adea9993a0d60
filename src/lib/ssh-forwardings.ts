/**
 * Options of ssh (`Name=value`) by which the machine that is logged in to gets nothing of ours: no agent, no display, no
 * ports, no tickets, and no command of the configuration that runs here. The first value wins in ssh, so they stand before
 * any other, and over ~/.ssh/config.
 */
export const NOTHING_FORWARDED: readonly string[] = [
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'ForwardX11Trusted=no',
  'GSSAPIDelegateCredentials=no',
  'Tunnel=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
];
