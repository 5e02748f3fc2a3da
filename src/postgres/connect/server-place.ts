/** Where a server is, for messages: host and port, or the socket. No user and no password. */
import { visible } from '../../base/visible.ts';
import { approachOf } from './approach.ts';
import { isSocket, socketFile, type ServerHost } from './server-setting.ts';

export function placeOf({ host, address, port }: ServerHost): string {
  if (isSocket(host)) return `the socket ${socketFile(visible(host), port)}`;
  const name = host.includes(':') ? `[${host}]` : visible(host);
  return `${name}:${port}${address === undefined ? '' : ` (${visible(address)})`}`;
}

/** Of all hosts of a URL. @throws {Failure} `usage` */
export function placesOf(url: string): string {
  return approachOf(url).settings.hosts.map(placeOf).join(', ');
}
