/** The addresses from which a proxy may name a person, and the address that a request comes from. */
import type { Context } from 'hono';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { Failure } from '../../base/error.ts';

const BITS = { 4: 32, 6: 128 } as const;

/** @param ranges such as `10.0.0.5`, `10.0.0.0/28`, `fd00::/64` @throws {Failure} `usage` for what is none of these, and for every address */
export function trustedAddresses(ranges: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return (address) => {
    const version = isIP(address ?? '');
    return address !== undefined && version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

function addRange(list: BlockList, range: string): void {
  const [, address = '', prefix] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const version = isIP(address);
  const bits = version === 0 ? 0 : BITS[version === 4 ? 4 : 6];
  const length = prefix === undefined ? bits : Number(prefix);
  if (version === 0 || length > bits || length === 0)
    throw new Failure(
      'usage',
      `--proxy-from takes addresses and networks such as 10.0.0.5 or 10.0.0.0/28, not ${JSON.stringify(range)}.${length === 0 && version !== 0 ? ' Every address would be trusted.' : ''}`,
    );
  list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
}

/** The connection that a request came over; undefined where there is none, as in tests. */
export function connectionOf(c: Context): IncomingMessage | undefined {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: IncomingMessage };
  return incoming;
}
