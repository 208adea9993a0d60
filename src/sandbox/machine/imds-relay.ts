// slirp starts this once per connection that the guest opens to the metadata address. It joins its standard input and
// output to the instance's own metadata socket. perl is on every Debian; a netcat that knows unix sockets is not.

/** Source of the relay; its argument is the socket's path. */
export const IMDS_RELAY = `use strict;
use Socket;
my $server;
socket($server, PF_UNIX, SOCK_STREAM, 0) && connect($server, sockaddr_un($ARGV[0])) or exit 1;
my ($guest, $answer) = (*STDIN, *STDOUT);
my %open = (fileno($guest) => [$guest, $server], fileno($server) => [$server, $answer]);
while (exists $open{fileno($server)}) {
  my $ready = '';
  vec($ready, $_, 1) = 1 for keys %open;
  select($ready, undef, undef, 60) > 0 or last;
  for my $number (grep { vec($ready, $_, 1) } keys %open) {
    my ($from, $to) = @{ $open{$number} };
    my $count = sysread($from, my $bytes, 65536);
    if (!$count) { delete $open{$number}; shutdown($server, 1) if $from == $guest; next; }
    for (my $done = 0; $done < $count;) { 
      $done += syswrite($to, $bytes, $count - $done, $done) // exit 1;
    }
  }
}
`;
