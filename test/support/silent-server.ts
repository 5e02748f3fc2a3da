/**
 * Servers that do not answer: one that accepts connections and says nothing (or only the first byte of a handshake), and an address
 * that takes no packets, as behind a firewall that drops them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { until } from './until.ts';

export interface SilentServer {
  readonly port: number;
  /** Connections so far. */
  readonly accepted: number;
  close(): Promise<void>;
}

/** @param reply what it answers to the first packet: `S` agrees to TLS and goes no further */
export async function startSilentServer(reply = ''): Promise<SilentServer> {
  const open = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.once('data', () => {
      if (reply !== '') socket.write(reply);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get accepted() {
      return accepted;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Linux drops a packet that asks for a connection when the queue of a program that accepts none is full. */
export const blackHoleAvailable: boolean = existsSync('/proc/net/tcp');

export interface BlackHole {
  readonly port: number;
  /** How many connections are being asked for at the moment. */
  asked(): number;
  close(): Promise<void>;
}

/** The system keeps one more. */
const BACKLOG = 1;
const PROGRAM = `require('node:net').createServer(() => {}).listen({ port: 0, host: '127.0.0.1', backlog: ${BACKLOG} }, function () { console.log(this.address().port) })`;
const SYN_SENT = '02';

export async function startBlackHole(): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  const last = (): void => void child.kill('SIGKILL');
  process.once('exit', last);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const port = Number(line);
  // Stopped it accepts nothing more, and the system keeps two for it.
  child.kill('SIGSTOP');
  await until(() => readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') T '), { message: 'it stands still' });
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  /** Local addresses of those that ask for a connection. */
  const asking = (): string[] =>
    readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
      .filter(([, , remote = '', state]) => remote.endsWith(suffix) && state === SYN_SENT)
      .map(([, local = '']) => local);
  const fill: Socket[] = [];
  let kept = 0;
  // Full when it keeps two and a third one waits: a connection that is under way waits for a moment too.
  await until(() => {
    if (kept >= BACKLOG + 1 && asking().length > 0) return true;
    const socket = connect(port, '127.0.0.1', () => (kept += 1));
    socket.on('error', () => {});
    fill.push(socket);
    return false;
  });
  // By their addresses, not by their number: the system gives up on each of them after two minutes.
  const own = new Set(asking());
  return {
    port,
    asked: () => asking().filter((local) => !own.has(local)).length,
    async close() {
      for (const socket of fill) socket.destroy();
      process.removeListener('exit', last);
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}
