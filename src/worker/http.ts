/**
 * `/healthz`, `/readyz` and `/metrics` of a worker, for probes and scrapers. It reads only and knows no user, and so
 * listens on loopback by default. Invariant: however often it is asked, it asks the database at most once a second.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../base/http-listen.ts';
import type { Endpoint } from '../base/option.ts';
import { Lifecycle, type Service } from '../base/service.ts';
import { CONTENT_TYPE, type Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/** Milliseconds that an answer is given again. */
const KEPT_MS = 1_000;

export interface HttpServer extends Service {
  /** `http://127.0.0.1:9464` while it serves. */
  readonly url: string | undefined;
}

/** Its `start` throws `Failure` when it cannot listen there. */
export function createHttpServer(
  at: Endpoint,
  readiness: Pick<Readiness, 'missing' | 'worker'>,
  metrics: Pick<Metrics, 'text'>,
): HttpServer {
  let url: string | undefined;
  const life = new Lifecycle('The HTTP server', async () => {
    const server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 },
      answerer(readiness, metrics),
    );
    const listening = await listen(server, at, 'HTTP');
    ({ url } = listening);
    return async () => {
      url = undefined;
      await listening.close();
    };
  });
  return {
    get url() {
      return url;
    },
    start: () => life.start(),
    stop: () => life.stop(),
  };
}

function answerer(
  readiness: Pick<Readiness, 'missing' | 'worker'>,
  metrics: Pick<Metrics, 'text'>,
): (request: IncomingMessage, response: ServerResponse) => void {
  const missing = kept(() => readiness.missing());
  const text = kept(() => metrics.text(missing()));
  const answers: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
    '/healthz': async (response) => json(response, 200, { status: 'ok' }),
    '/readyz': async (response) => {
      const reason = await missing();
      const { worker } = readiness;
      json(response, reason === undefined ? 200 : 503, {
        ...(reason === undefined ? { status: 'ready' } : { status: 'unready', reason }),
        ...worker,
      });
    },
    '/metrics': async (response) => send(response, 200, CONTENT_TYPE, await text()),
  };
  return (request, response) => {
    request.resume();
    const [path = ''] = (request.url ?? '').split('?', 1);
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    if (!answer) return json(response, 404, { error: 'there are /healthz, /readyz and /metrics' });
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return json(response.setHeader('allow', 'GET, HEAD'), 405, { error: 'only GET and HEAD' });
    answer(response).catch(() => json(response, 500, { error: 'internal' }));
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  // Node leaves the body out for HEAD.
  response
    .writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' })
    .end(body);
}

/** A call while an answer is made, or shortly after, gets the same answer. */
function kept<T>(make: () => Promise<T>): () => Promise<T> {
  let last: { readonly answer: Promise<T>; until: number } | undefined;
  return () => {
    if (last && performance.now() < last.until) return last.answer;
    const made = { answer: make(), until: Infinity };
    const rest = (): void => {
      made.until = performance.now() + KEPT_MS;
    };
    made.answer.then(rest, rest);
    last = made;
    return made.answer;
  };
}
