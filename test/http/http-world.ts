/** The HTTP API over a real database, asked in process: every answer is held against the document that the API serves. */
import { expect } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { createHttpApp } from '../../src/http/http-app.ts';
import type { HttpApi, Person } from '../../src/http/http-env.ts';
import { createSegmentd, type AccessRole, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Asking {
  readonly role?: AccessRole;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface HttpWorld {
  readonly world: World;
  readonly segmentd: Segmentd;
  readonly app: HttpApi;
  /** Asks as a page does. The method and the path below `/api/v1`. */
  ask(method: string, path: string, asking?: Asking): Promise<Answer>;
  end(): Promise<void>;
}

/** As the page's own requests say where they come from. */
export const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin', host: 'localhost' } as const;

export async function createHttpWorld(): Promise<HttpWorld> {
  const world = await createWorld();
  const segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  const app = createHttpApp({
    segmentd,
    log: createLog({ level: 'error' }),
    hosts: ['localhost'],
    authenticate: (c) => Promise.resolve(personOf(c.req.raw)),
    rate: { burst: 100_000, perSecond: 1 },
  });
  return {
    world,
    segmentd,
    app,
    async ask(method, path, { role = 'admin', body, headers = {}, signal } = {}) {
      const response = await app.request(
        `http://localhost/api/v1${path}`,
        {
          method,
          headers: {
            ...SAME_ORIGIN,
            'x-test-role': role,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
          ...(signal ? { signal } : {}),
        },
        {},
      );
      const type = response.headers.get('content-type') ?? '';
      // A stream of events has no end.
      const text = type.startsWith('text/event-stream') ? await firstText(response) : await response.text();
      const answer = {
        status: response.status,
        headers: response.headers,
        body: type.includes('json') ? (JSON.parse(text) as unknown) : text,
      };
      if (response.status >= 400) {
        expect(type).toBe('application/problem+json');
        expect(answer.body).toMatchObject({
          status: response.status,
          detail: expect.any(String),
          code: expect.any(String),
        });
      }
      return answer;
    },
    async end() {
      await segmentd.close();
      await world.end();
    },
  };
}

async function firstText({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(first?.value as Uint8Array | undefined);
}

function personOf(request: Request): Person | undefined {
  const role = request.headers.get('x-test-role');
  return role === null || role === 'stranger'
    ? undefined
    : { name: `${role}@example.com`, role: role as AccessRole, by: 'session' };
}
