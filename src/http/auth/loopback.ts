/** Which hosts are this machine alone. Pure. */
import { isIP } from 'node:net';

/** @param host a name or an address, also as it stands in a URL */
export function isLoopbackHost(host: string): boolean {
  const plain = host.replace(/^\[(.*)\]$/, '$1');
  return plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
