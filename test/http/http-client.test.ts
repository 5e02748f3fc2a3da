/** The page's client is the one that the served document generates. `npm test -- test/http/http-client.test.ts -u` writes it anew. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSource } from 'oazapfts';
import { expect, test } from 'vitest';
import { readDocument, type ApiDocument } from './http-document.ts';

test('the client of the page is generated from the document that is served', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-client-'));
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(successesOf(await readDocument())));
    const source = await generateSource(file);
    // Each tsconfig checks it with its own rules, and this file is no one's to change.
    await expect(`// @ts-nocheck\n${source.replaceAll('\r', '')}`).toMatchFileSnapshot('../../src/web/client/api.ts');
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Without the problems, which each address may answer and client/api-failure.ts reads for all; and without the version. */
function successesOf(document: ApiDocument): object {
  const paths = Object.entries(document.paths).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [
        method,
        {
          ...operation,
          responses: Object.fromEntries(
            Object.entries(operation.responses ?? {}).filter(([status]) => status.startsWith('2')),
          ),
        },
      ]),
    ),
  ]);
  return { ...document, paths: Object.fromEntries(paths) as object, info: { title: 'segmentd', version: '1' } };
}
