/** The document that the API serves, read without a database. */
import { createLog } from '../../src/base/log.ts';
import { createHttpApp } from '../../src/http/http-app.ts';
import type { Operation } from '../../src/http/open-api.ts';
import { createSegmentd } from '../../src/index.ts';

export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Address {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  /** Names of its parameters in the path. */
  readonly params: readonly string[];
  readonly query: readonly string[];
  readonly body: boolean;
  /** Needs no person. */
  readonly open: boolean;
  readonly operation: Operation;
}

/** Asked by a stranger, who may read it. */
export async function readDocument(): Promise<ApiDocument> {
  const app = createHttpApp({
    segmentd: createSegmentd({ databaseUrl: 'postgres://nowhere.invalid/none' }),
    log: createLog({ level: 'error' }),
    hosts: ['localhost'],
    authenticate: () => Promise.resolve(undefined),
  });
  const response = await app.request('http://localhost/api/v1/openapi.json', { headers: { host: 'localhost' } });
  if (response.status !== 200) throw new Error(`the document: ${response.status}`);
  return (await response.json()) as ApiDocument;
}

export async function addressesOf(): Promise<readonly Address[]> {
  const { paths } = await readDocument();
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const named = (place: string) =>
        (operation.parameters ?? []).filter((one) => one.in === place).map(({ name }) => name);
      return {
        method: method.toUpperCase(),
        path,
        params: named('path'),
        query: named('query'),
        body: operation.requestBody !== undefined,
        open: operation.security?.length === 0,
        operation,
      };
    }),
  );
}
