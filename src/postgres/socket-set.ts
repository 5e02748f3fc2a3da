/**
 * The sockets that pg opens, so that they can be closed for certain: pg reports a connection as ended before its socket
 * is closed, and does not end a socket that is still connecting.
 */
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds in which an ending session may send its farewell to the server. */
const FAREWELL = 500;

export class SocketSet {
  readonly #open = new Set<Socket>();
  #destroyed = false;

  /** Makes a socket; for the option `stream` of pg. */
  readonly make = (): Socket => {
    const socket = new Socket();
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
    // Node lets a destroyed socket connect; it is then open again.
    socket.on('connect', () => {
      if (this.#destroyed) socket.destroy();
      else this.#open.add(socket);
    });
    if (this.#destroyed) socket.destroy();
    return socket;
  };

  /** Destroys all sockets, also those that pg makes later. */
  destroy(): void {
    this.#destroyed = true;
    for (const socket of this.#open) socket.destroy();
  }

  /**
   * Resolves when all sockets are closed.
   * @param end ends the connections properly; after half a second the rest is destroyed
   */
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
