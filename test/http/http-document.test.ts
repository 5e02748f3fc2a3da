/** The document of the API is OpenAPI 3.1 that a generator of clients can use, and the manual has its addresses. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { addressesOf, readDocument } from './http-document.ts';

const document = await readDocument();
const addresses = await addressesOf();
const MANUAL_PATH = fileURLToPath(new URL('../../src/manual/http.md', import.meta.url));
const MANUAL = await readFile(MANUAL_PATH, 'utf8');

/** Addresses whose answer is not JSON. */
const OTHER_TYPES: Readonly<Record<string, readonly string[]>> = {
  '/events/stream': ['text/event-stream'],
  '/exports/{id}/file': ['text/csv', 'application/x-ndjson', 'application/vnd.apache.parquet', 'application/gzip'],
};

test('it is 3.1, and every reference leads to a component', () => {
  expect(document.openapi).toBe('3.1.0');
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to = '']) => to);
  expect(references.length).toBeGreaterThan(50);
  for (const to of new Set(references)) {
    const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(\w+)$/.exec(to) ?? [];
    expect(document.components[kind], to).toHaveProperty(name);
  }
  expect(document.components['securitySchemes']).toEqual({ token: { type: 'http', scheme: 'bearer' } });
});

describe.each(addresses.map((address) => [`${address.method} ${address.path}`, address] as const))(
  '%s',
  (_, address) => {
    const { summary, tags, responses = {}, parameters = [], requestBody } = address.operation;

    test('says what it does', () => {
      expect(summary).toMatch(/^[A-Z].*[^.]$/);
      expect(tags).toHaveLength(1);
    });

    test('declares what it takes', () => {
      expect(address.params.toSorted()).toEqual(
        [...address.path.matchAll(/\{(\w+)\}/g)].map(([, one]) => one).toSorted(),
      );
      for (const parameter of parameters) {
        expect(parameter.schema, parameter.name).toBeDefined();
        if (parameter.in === 'path') expect(parameter.required).toBe(true);
      }
      if (address.method === 'GET') expect(requestBody).toBeUndefined();
      if (requestBody !== undefined)
        expect(requestBody).toMatchObject({
          required: true,
          content: { 'application/json': { schema: expect.anything() } },
        });
    });

    test('gives each answer its schema', () => {
      expect(Object.keys(responses).filter((status) => status.startsWith('2'))).toHaveLength(1);
      for (const [status, { description, content = {} }] of Object.entries(responses)) {
        expect(description).toMatch(/\.$/);
        const types = status.startsWith('2')
          ? (OTHER_TYPES[address.path] ?? ['application/json'])
          : ['application/problem+json'];
        if (status === '204' || status === '304') expect(content).toEqual({});
        else
          expect(content, status).toEqual(
            Object.fromEntries(types.map((type) => [type, { schema: expect.anything() }])),
          );
      }
      if (!address.open) expect(responses).toMatchObject({ 401: {}, 403: {}, 429: {}, 500: {}, 503: {} });
    });
  },
);

const PART = /(?<=<!-- generated: addresses -->\n\n)[^]*?(?=\n\n<!-- end of generated -->)/;

test('the manual has every address', async () => {
  const rows = [
    ['method', 'path', 'does'],
    ...addresses.map(({ method, path, operation }) => [`\`${method}\``, `\`${path}\``, operation.summary ?? '']),
  ];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const table = rows.map(line).toSpliced(1, 0, line(widths.map((width) => '-'.repeat(width))));
  const text = MANUAL.replace(PART, () => table.join('\n'));
  await expect(text, 'renew it: npm test -- test/http/http-document.test.ts -u').toMatchFileSnapshot(MANUAL_PATH);
  expect(MANUAL.replace(PART, '').trimEnd().split('\n').length).toBeLessThanOrEqual(180);
});
