/** Listening for HTTP on one address: the URL, what is said when that cannot be, the end. Knows nothing of the answers. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf, Failure } from './error.ts';
import type { Endpoint } from './option.ts';

export interface Listening {
  /** `http://127.0.0.1:9464`; the port is the real one, also where any was asked for. */
  readonly url: string;
  /** Resolves when nothing is open, whatever a client still reads. */
  close(): Promise<void>;
}

const REFUSED: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host cannot be found',
  EAI_AGAIN: 'the host cannot be found',
};

/** @param what is served, as in `Cannot serve HTTP on …` @throws {Failure} `failed` when it cannot listen there */
export async function listen(server: Server, { host, port }: Endpoint, what: string): Promise<Listening> {
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (cause) {
    const code = codeOf(cause);
    throw new Failure('failed', `Cannot serve ${what} on ${host}:${port}: ${REFUSED[code] ?? code}.`, { cause });
  }
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://${hostInUrl(host)}:${own}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An address of IPv6 stands in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
