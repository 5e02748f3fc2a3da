/** What operators and programs ask for beside segments: rebuilds, verifications, SQL, checks, waits, the feed, erasures. */
import { createRoute } from '@hono/zod-openapi';
import { RefusedCondition } from '../../condition/refused-condition.ts';
import type { HttpApi } from '../http-env.ts';
import { countOpen } from '../rate-limit.ts';
import { atLeast } from '../require-role.ts';
import {
  answer,
  CONFLICT,
  ContactKey,
  jsonBody,
  MISSING,
  PROBLEMS,
  REFUSED,
  SegmentKey,
} from '../schema/common-schema.ts';
import {
  CheckBody,
  CheckWrite,
  Consumer,
  ErasureBody,
  FeedPageBody,
  FeedWrite,
  RebuildBody,
  SqlBody,
  VerificationBody,
  VerificationWrite,
  WaitedBody,
  WaitWrite,
} from '../schema/verb-schema.ts';
import { snakeBody } from '../snake-body.ts';
import { withoutUndefined } from '../without-undefined.ts';

const WAIT_MS = 10_000;

export function addVerbs(api: HttpApi): void {
  const oneAtATime = countOpen(1, 'verifications');

  api.openapi(
    createRoute({
      method: 'post',
      path: '/segments/{key}/rebuilds',
      tags: ['operations'],
      summary: 'Rebuild a segment from the data',
      middleware: [atLeast('editor')] as const,
      request: { params: SegmentKey },
      responses: { 202: answer('It is requested.', RebuildBody), ...MISSING, ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => c.json({ keys: [...(await c.var.segmentd.segments.rebuild(c.req.valid('param').key))] }, 202),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/segments/{key}/verifications',
      tags: ['operations'],
      summary: 'Compare the members of a segment with its condition',
      description: 'It is exact when `missing` and `extra` are empty. It reads every contact.',
      middleware: [atLeast('admin')] as const,
      request: { params: SegmentKey, body: jsonBody(VerificationWrite) },
      responses: { 200: answer('The comparison.', VerificationBody), ...MISSING, ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => {
      const { key } = c.req.valid('param');
      const end = oneAtATime(c);
      try {
        const [found] = await c.var.segmentd.admin.verify({ key, ...withoutUndefined(c.req.valid('json')) });
        if (!found) throw new Error('a verification of one segment has one result');
        return c.json(snakeBody(found), 200);
      } finally {
        end();
      }
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/sql',
      tags: ['conditions'],
      summary: 'Read the SQL that a segment became',
      request: { params: SegmentKey },
      responses: { 200: answer('Two statements; neither is run.', SqlBody), ...MISSING, ...REFUSED, ...PROBLEMS },
    }),
    async (c) => c.json(snakeBody(await c.var.segmentd.segments.sql(c.req.valid('param').key), ['params']), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/checks',
      tags: ['conditions'],
      summary: 'Check a condition: its issues, or its sentence and SQL',
      request: { body: jsonBody(CheckWrite) },
      responses: { 200: answer('What is wrong with it, or what it means.', CheckBody), ...PROBLEMS },
    }),
    async (c) => {
      const { condition, timezone } = c.req.valid('json');
      try {
        const draft = { condition, ...(timezone === undefined ? {} : { timezone }) };
        const { segments } = c.var.segmentd;
        const read = await segments.readCondition(draft);
        const sql = await segments.sql(draft);
        return c.json(
          {
            sentence: sql.description,
            issues: [],
            sql: snakeBody(sql, ['params']),
            ...(read.notes.length === 0
              ? {}
              : { read: { condition: read.condition, notes: read.notes.map((one) => ({ ...one })) } }),
          },
          200,
        );
      } catch (error) {
        if (!(error instanceof RefusedCondition)) throw error;
        return c.json({ sentence: null, issues: error.issues.map((one) => ({ ...one })), sql: null }, 200);
      }
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/waits',
      tags: ['operations'],
      summary: 'Wait until everything committed before the call is visible in membership',
      description: 'It answers 409 when that takes longer than the timeout.',
      request: { body: jsonBody(WaitWrite) },
      responses: { 200: answer('It is visible.', WaitedBody), ...MISSING, ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => {
      const { segment, timeout = WAIT_MS } = c.req.valid('json');
      const { late } = await c.var.segmentd.admin.wait({ timeout, ...(segment === undefined ? {} : { key: segment }) });
      return c.json({ late: late.map((one) => snakeBody(one)) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/feeds/{consumer}/pages',
      tags: ['events'],
      summary: 'Read who entered and left since this consumer last acknowledged',
      description: 'The same events come until they are acknowledged, with the next question. None is skipped.',
      middleware: [atLeast('editor')] as const,
      request: { params: Consumer, body: jsonBody(FeedWrite) },
      responses: { 200: answer('Events in order.', FeedPageBody), ...MISSING, ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => {
      const { consumer } = c.req.valid('param');
      const events = await c.var.segmentd.feed.read({ consumer, ...withoutUndefined(c.req.valid('json')) });
      return c.json({ events: events.map((one) => snakeBody(one)), acknowledge: events.at(-1)?.id ?? null }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/contacts/{contact}/erasures',
      tags: ['contacts'],
      summary: 'Erase every trace of a contact that was deleted from the contacts table',
      middleware: [atLeast('admin')] as const,
      request: { params: ContactKey },
      responses: { 200: answer('What was erased.', ErasureBody), ...MISSING, ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => c.json(snakeBody(await c.var.segmentd.admin.forget(c.req.valid('param').contact)), 200),
  );
}
