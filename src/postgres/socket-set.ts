/** The sockets that pg opens: pg reports a connection as ended before its socket is closed, and ends none that it is just opening. */
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds in which a session that ends may say so to its server. */
const FAREWELL = 500;

export class SocketSet {
  readonly #open = new Set<Socket>();
  #destroyed = false;

  /** For the option `stream` of pg. */
  readonly make = (): Socket => {
    const socket = new Socket();
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
    // Node lets a socket connect that was destroyed before: it is then open again.
    socket.on('connect', () => {
      if (this.#destroyed) socket.destroy();
      else this.#open.add(socket);
    });
    if (this.#destroyed) socket.destroy();
    return socket;
  };

  /** Destroys all, now and from now on. */
  destroy(): void {
    this.#destroyed = true;
    for (const socket of this.#open) socket.destroy();
  }

  /** Resolves when all are closed. @param end ends them in order; what it has not ended after half a second is destroyed */
  async close(end: Promise<unknown> = Promise.resolve()): Promise<void> {
    const closed = (): Promise<unknown> =>
      Promise.all([...this.#open].map((socket) => new Promise<void>((settle) => socket.once('close', () => settle()))));
    const over = new AbortController();
    const late = delay(FAREWELL, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([end.catch(() => {}).then(closed), late]);
    over.abort();
    const rest = closed();
    this.destroy();
    await rest;
  }
}
