/**
 * A TCP proxy that fails the way networks do: `cut` resets what is open and refuses what is new, `stall` leaves
 * connections open and passes nothing (half-open: no reset, no end), `restore` puts it right again.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** Connections that were made and have not ended. */
  readonly open: number;
  /** `target` with host and port of the proxy. */
  url(target: string): string;
  cut(): void;
  /** What was sent into a stalled connection arrives after `restore`, in order, if both ends still live. */
  stall(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function startProxy(target: { readonly host?: string; readonly port: number }): Promise<Proxy> {
  let state: 'open' | 'cut' | 'stalled' = 'open';
  /** Every open socket and the one it is joined to. */
  const peers = new Map<Socket, Socket>();

  const server = createServer((client) => {
    if (state === 'cut') {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: target.host ?? '127.0.0.1', port: target.port });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      peers.set(socket, other);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        peers.delete(socket);
        // On a stalled network one end does not notice that the other has closed.
        if (state !== 'stalled') other.destroy();
      });
      if (state === 'stalled') socket.pause();
      else socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const reset = (): void => {
    for (const socket of peers.keys()) socket.resetAndDestroy();
    peers.clear();
  };

  return {
    port,
    get open() {
      return peers.size / 2;
    },
    url(text) {
      const url = new URL(text);
      url.hostname = '127.0.0.1';
      url.port = String(port);
      return url.href;
    },
    cut() {
      state = 'cut';
      reset();
    },
    stall() {
      state = 'stalled';
      for (const socket of peers.keys()) socket.unpipe().pause();
    },
    restore() {
      const before = state;
      state = 'open';
      if (before !== 'stalled') return;
      for (const [socket, other] of peers) {
        if (other.destroyed) socket.destroy();
        else socket.pipe(other);
      }
    },
    async close() {
      reset();
      server.close();
      await once(server, 'close');
    },
  };
}
