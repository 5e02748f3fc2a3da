import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startProxy } from './proxy.ts';
import { until } from './until.ts';

test('the proxy: a stalled connection passes nothing and stays open; restored, it delivers what was sent; cut, it is reset', async () => {
  const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const proxy = await startProxy({ port: (echo.address() as AddressInfo).port });
  const client = connect(proxy.port, '127.0.0.1');
  let seen = '';
  let closed = false;
  client.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  client.on('error', () => {});
  client.on('close', () => (closed = true));
  client.write('one');
  await until(() => seen === 'one');

  proxy.stall();
  client.write('two');
  // A second connection that is answered proves that the first had its chance.
  const other = connect((echo.address() as AddressInfo).port, '127.0.0.1');
  other.write('x');
  await once(other, 'data');
  expect({ seen, closed }).toEqual({ seen: 'one', closed: false });

  proxy.restore();
  await until(() => seen === 'onetwo');
  proxy.cut();
  await until(() => closed);
  other.destroy();
  await proxy.close();
  echo.close();
});
