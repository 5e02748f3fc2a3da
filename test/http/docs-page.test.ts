/** The page that describes the API: every address of the document, filters, no script, nothing from elsewhere. */
import { expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { createHttpApp } from '../../src/http/http-app.ts';
import { createSegmentd } from '../../src/index.ts';
import { addressesOf } from './http-document.ts';

const app = createHttpApp({
  segmentd: createSegmentd({ databaseUrl: 'postgres://nowhere.invalid/none' }),
  log: silentLog,
  hosts: ['localhost'],
  authenticate: () => Promise.resolve(undefined),
});
const get = (path: string) => app.request(`http://localhost/api/v1${path}`, { headers: { host: 'localhost' } });
const textOf = async (path: string): Promise<string> => {
  const answer = await get(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/html');
  return answer.text();
};
const shown = (text: string) =>
  [...text.matchAll(/<summary><b>(\w+)<\/b> <code>([^<]+)<\/code>/g)].map(([, a, b]) => `${a} ${b}`);

test('it has every address, with an example to copy', async () => {
  const addresses = await addressesOf();
  const text = await textOf('/docs');
  expect(shown(text)).toEqual(addresses.map(({ method, path }) => `${method} ${path}`));
  expect(text.match(/curl -X/g)).toHaveLength(addresses.length);
  expect(text).not.toContain('undefined');
  expect(text).not.toContain('[object');
});

test('it runs nothing and loads one style sheet, from here', async () => {
  const answer = await get('/docs');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  const text = await answer.text();
  expect(text).not.toMatch(/<script|<style|style=| on\w+=|https?:\/\/(?!127\.0\.0\.1:8080)/);
  const sheets = [...text.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, to = '']) => to);
  expect(sheets).toEqual(['/api/v1/docs.css']);
  const style = await get('/docs.css');
  expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
});

test('it is filtered by part and by words, and what is searched is text', async () => {
  expect(shown(await textOf('/docs?tag=exports')).every((one) => /export|schedule|columns/.test(one))).toBe(true);
  expect(shown(await textOf('/docs?search=events/STREAM'))).toEqual(['GET /events/stream']);
  expect(shown(await textOf('/docs?search=none-of-them'))).toEqual([]);
  const odd = await textOf(`/docs?search=${encodeURIComponent('"><img src=x onerror=alert(1)>')}`);
  expect(odd).not.toContain('<img');
});
