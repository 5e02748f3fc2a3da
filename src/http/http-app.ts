/**
 * The HTTP API, put together: what a request must be, who asks, what that person may ask, then the resources. Every answer that is no
 * success is a problem (problem.ts). Knows no port and no way to sign in.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { AuthWay } from '../base/access-option.ts';
import type { Log } from '../base/log.ts';
import { packageVersion } from '../base/version.ts';
import { DATABASE_ROLES, type Segmentd } from '../index.ts';
import type { Authenticate } from './auth/authenticate.ts';
import { signedOut } from './auth/signed-out.ts';
import { addDocs } from './docs-page.ts';
import { guardRequest } from './guard-request.ts';
import { createHintBoard, type HintBoard } from './hint-board.ts';
import type { HttpApi, HttpEnv } from './http-env.ts';
import { idempotency } from './idempotency.ts';
import { createOpenStreams, type OpenStreams } from './open-stream.ts';
import { problemFrom, PROBLEM_TYPE, Refusal } from './problem.ts';
import { DEFAULT_RATE, rateLimit, type RateLimit } from './rate-limit.ts';
import { addAccess } from './resource/access-resource.ts';
import { addCatalogue } from './resource/catalogue-resource.ts';
import { addExports } from './resource/export-resource.ts';
import { addContacts } from './resource/contact-resource.ts';
import { addIndex, addMe } from './resource/index-resource.ts';
import { addMembers } from './resource/member-resource.ts';
import { addRanks } from './resource/rank-resource.ts';
import { addOperations } from './resource/operation-resource.ts';
import { addPreviews } from './resource/preview-resource.ts';
import { addSegments } from './resource/segment-resource.ts';
import { addStream } from './resource/stream-resource.ts';
import { addTrials } from './resource/trial-resource.ts';
import { addVerbs } from './resource/verb-resource.ts';
import { addVersions } from './resource/version-resource.ts';
import { securityHeaders } from './security-headers.ts';
import { addWebFiles } from './web-files.ts';
import { refuseOtherMethods } from './wrong-method.ts';

export interface HttpAppOptions {
  readonly segmentd: Segmentd;
  readonly log: Log;
  /** Names that `Host` may be, in lower case, without port. */
  readonly hosts: readonly string[];
  /** Further origins of the page, such as `https://segments.example.com`. */
  readonly origins?: readonly string[];
  readonly authenticate: Authenticate;
  /** How persons sign in, for those who have not; default by the printed link. */
  readonly auth?: AuthWay;
  /** Addresses that need no person: to sign in and out. */
  readonly before?: Hono<HttpEnv>;
  readonly rate?: RateLimit;
  /** Whether Postgres checks each request too, by the role of the person; default true. */
  readonly enforced?: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** What changes, for open pages. The caller that gives it stops it. */
  readonly board?: HintBoard;
  readonly streams?: OpenStreams;
}

const BODY_LIMIT = 512 * 1024;
export const API_PATH = '/api/v1';

export function createHttpApp(options: HttpAppOptions): HttpApi {
  const { segmentd, log, hosts, authenticate, before, rate = DEFAULT_RATE, enforced = true } = options;
  const { auth, origins = [], now = () => performance.now() } = options;
  const {
    board = createHintBoard({ watch: segmentd.watch, log, now }),
    streams = createOpenStreams(segmentd.access, log, now),
  } = options;
  const app = createApi();
  app.onError((error, c) => {
    const problem = problemFrom(error, log);
    const headers = error instanceof Refusal ? error.headers : {};
    return c.newResponse(JSON.stringify(problem), problem.status, { ...headers, 'content-type': PROBLEM_TYPE });
  });
  app.notFound(() => {
    throw new Refusal(404, 'not-found', 'There is nothing at this address.');
  });
  app.use(securityHeaders, guardRequest({ hosts, origins }));

  if (before) app.route('/', before);

  app.get('/', (c, next) => (c.req.header('accept')?.includes('text/html') === true ? next() : refuseProgram(auth)));
  const api = createApi();
  // These hold no data and come before a person is asked for.
  addIndex(api, API_PATH, packageVersion());
  let document: object | undefined;
  const described = (): object => (document ??= documentOf(api));
  api.get('/openapi.json', (c) => c.json(described()));
  addDocs(api, described, API_PATH);
  api.use(
    bodyLimit({
      maxSize: BODY_LIMIT,
      onError: () => {
        throw new Refusal(413, 'too-large', 'The body is larger than 512 KB: send it in parts.', {
          headers: { 'body-limit': String(BODY_LIMIT) },
        });
      },
    }),
  );
  api.use(async (c, next) => {
    const person = await authenticate(c);
    if (!person) throw signedOut(auth);
    c.set('person', person);
    const { name: actor, by: way } = person;
    const role = enforced ? { role: DATABASE_ROLES[person.role] } : {};
    const acting = { actor, way, ...role };
    c.set('segmentd', segmentd.as({ ...acting, signal: c.req.raw.signal }));
    c.set('lasting', segmentd.as(acting));
    await next();
  });
  api.use(rateLimit(rate, now), idempotency(segmentd.access));
  addMe(api);
  addSegments(api);
  addVersions(api);
  addMembers(api);
  addContacts(api);
  addPreviews(api);
  addCatalogue(api);
  addTrials(api);
  addOperations(api);
  addExports(api);
  addRanks(api);
  addVerbs(api);
  addStream(api, board, streams);
  addAccess(api);
  refuseOtherMethods(api);
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.route(API_PATH, api);
  addWebFiles(app);
  return app;
}

/** A program that asks for the page reads how to sign in and where the API is. */
function refuseProgram(auth: AuthWay | undefined): never {
  throw signedOut(auth);
}

/** Every address of the API, as OpenAPI says it. */
function documentOf(api: HttpApi): object {
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'segmentd', version: packageVersion(), description: 'Dynamic segments of your own contacts.' },
    servers: [{ url: API_PATH }],
    security: [{ token: [] }],
  });
}

/** A body or query that its schema refuses is a problem with one issue for each mistake. */
function createApi(): HttpApi {
  return new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issues = result.error.issues.map(({ code, path, message }) => ({
        code,
        pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
        message,
      }));
      throw new Refusal(400, 'wrong-input', `The ${NAMES[result.target]} is wrong.`, { issues });
    },
  });
}

const NAMES: Readonly<Record<string, string>> = {
  json: 'body',
  query: 'query',
  param: 'address',
  header: 'header',
  form: 'body',
  cookie: 'cookie',
};
