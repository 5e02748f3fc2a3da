/** `/segments`: what is wanted of each segment, its state, its versions. */
import { createRoute, z } from '@hono/zod-openapi';
import { Failure } from '../../base/error.ts';
import type { NotedSegment, OutlinePlace, SegmentOutline } from '../../index.ts';
import { SEGMENT_KINDS, SEGMENT_STATES } from '../../lifecycle/state.ts';
import { entityTag, expectedVersion, hasVersion } from '../entity-tag.ts';
import type { HttpApi } from '../http-env.ts';
import { pageCursor, readPageCursor, wrongCursor } from '../page-cursor.ts';
import { atLeast } from '../require-role.ts';
import {
  answer,
  CONFLICT,
  IfMatch,
  jsonBody,
  MISSING,
  OVERTAKEN,
  pageBody,
  PageQuery,
  PROBLEMS,
  REFUSED,
  SegmentKey,
} from '../schema/common-schema.ts';
import {
  DuplicateBody,
  NewSegmentBody,
  SegmentBody,
  SegmentEditBody,
  SegmentOutlineBody,
  StateBody,
  UsesBody,
  WrittenSegmentBody,
} from '../schema/segment-schema.ts';
import { snakeBody } from '../snake-body.ts';
import { withoutUndefined } from '../without-undefined.ts';

const SegmentPage = z
  .object({
    ...pageBody('Segments', SegmentOutlineBody).shape,
    total: z.int().openapi({ description: 'Segments that fit, on all pages.' }),
    needs_total: z.int().openapi({ description: 'Those of them that need a person.' }),
  })
  .openapi('SegmentPage');

const ORDERS = ['key', 'needs', 'members', 'edited'] as const;

const SegmentQuery = PageQuery.extend({
  search: z.string().max(200).optional().openapi({
    description:
      'Part of key, name, description, a tag, the name of a field or relation that it reads, or its sentence.',
  }),
  state: z.enum(SEGMENT_STATES).optional(),
  kind: z.enum(SEGMENT_KINDS).optional(),
  tag: z.string().max(100).optional(),
  field: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: 'Segments that read this field or relation.', example: 'orders.total' }),
  order: z.enum(ORDERS).default('key').openapi({
    description: '`needs`: those that need a person first. `members`: the largest first. `edited`: the latest first.',
  }),
});

const outlineBody = (outline: SegmentOutline) => snakeBody(outline, ['condition']);

const bodyOf = (segment: NotedSegment) => snakeBody(segment, ['condition']);

/** The place that a cursor names: a rank, a space and a key. */
function readPlace(order: string, cursor: string | undefined): OutlinePlace | undefined {
  const text = readPageCursor(`segments:${order}`, cursor);
  if (text === undefined) return undefined;
  const [, rank, key] = /^(-?\d{1,18}) (.+)$/s.exec(text) ?? [];
  if (rank === undefined || key === undefined) throw wrongCursor();
  return { rank, key };
}

/** A null takes a text away. */
const textOf = (text: string | null | undefined): string | undefined => text ?? (text === null ? '' : undefined);

export function addSegments(api: HttpApi): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments',
      tags: ['segments'],
      summary: 'List segments',
      request: { query: SegmentQuery },
      responses: { 200: answer('A page of segments.', SegmentPage), ...PROBLEMS },
    }),
    async (c) => {
      const { order, limit, cursor, ...asked } = c.req.valid('query');
      const after = readPlace(order, cursor);
      const { segments, next, total, needing } = await c.var.segmentd.segments.outlines(
        withoutUndefined({ ...asked, order, limit, after }),
      );
      return c.json(
        {
          items: segments.map(outlineBody),
          next: next && pageCursor(`segments:${order}`, `${next.rank} ${next.key}`),
          total,
          needs_total: needing,
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/segments',
      tags: ['segments'],
      summary: 'Create a segment',
      middleware: [atLeast('editor')] as const,
      request: { body: jsonBody(NewSegmentBody) },
      responses: {
        201: answer('The segment. Its members come with its first build.', WrittenSegmentBody),
        ...CONFLICT,
        ...REFUSED,
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const { reuse, name, description, timezone, ...rest } = c.req.valid('json');
      const input = withoutUndefined({
        ...rest,
        name: textOf(name),
        description: textOf(description),
        timezone: timezone ?? undefined,
      });
      const segment = await c.var.segmentd.segments.create(input, reuse === undefined ? {} : { reuse });
      c.header('etag', entityTag(segment.version));
      c.header('location', `/api/v1/segments/${encodeURIComponent(segment.key)}`);
      return c.json(bodyOf(segment), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}',
      tags: ['segments'],
      summary: 'Read a segment',
      request: { params: SegmentKey },
      responses: {
        200: answer('The segment; ETag is its version.', SegmentOutlineBody),
        304: { description: 'The caller has this version.' },
        ...MISSING,
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const segment = await c.var.segmentd.segments.outline(c.req.valid('param').key);
      c.header('etag', entityTag(segment.version));
      if (hasVersion(c.req.header('if-none-match'), segment.version)) return c.body(null, 304);
      return c.json(outlineBody(segment), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/segments/{key}',
      tags: ['segments'],
      summary: 'Edit a segment',
      description: 'An edit that moves too many members answers 409 with its numbers; `confirm` lets it through.',
      middleware: [atLeast('editor')] as const,
      request: { params: SegmentKey, headers: IfMatch, body: jsonBody(SegmentEditBody) },
      responses: {
        200: answer('The segment.', WrittenSegmentBody),
        ...MISSING,
        ...CONFLICT,
        ...OVERTAKEN,
        ...REFUSED,
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const { key } = c.req.valid('param');
      const expected = expectedVersion(c.req.valid('header')['if-match']);
      const { confirm = false, name, description, timezone, ...rest } = c.req.valid('json');
      const change = withoutUndefined({
        ...rest,
        name: textOf(name),
        description: textOf(description),
        timezone: textOf(timezone),
      });
      if (Object.keys(change).length === 0 && !confirm) throw new Failure('usage', 'The edit changes nothing.');
      const { segments } = c.var.segmentd;
      const movesMembers = change.condition !== undefined || change.timezone !== undefined || change.kind !== undefined;
      const versions = expected === undefined ? {} : { expectedVersion: expected };
      if (movesMembers && !confirm) await segments.guardEdit(key, change, { ...versions, signal: c.req.raw.signal });
      const options = { ...(confirm ? { confirm } : {}), ...versions };
      const segment: NotedSegment =
        Object.keys(change).length === 0
          ? await segments.confirm(key, versions)
          : await segments.edit(key, change, options);
      c.header('etag', entityTag(segment.version));
      return c.json(bodyOf(segment), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/segments/{key}',
      tags: ['segments'],
      summary: 'Delete a segment',
      description: 'Its history stays, and it can be restored within 30 days.',
      middleware: [atLeast('editor')] as const,
      request: { params: SegmentKey, headers: IfMatch },
      responses: { 204: { description: 'It will be deleted.' }, ...MISSING, ...CONFLICT, ...OVERTAKEN, ...PROBLEMS },
    }),
    async (c) => {
      const expected = expectedVersion(c.req.valid('header')['if-match']);
      await c.var.segmentd.segments.delete(
        c.req.valid('param').key,
        expected === undefined ? {} : { expectedVersion: expected },
      );
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/segments/{key}/state',
      tags: ['segments'],
      summary: 'Pause, archive or resume a segment',
      middleware: [atLeast('editor')] as const,
      request: { params: SegmentKey, body: jsonBody(StateBody) },
      responses: { 200: answer('The segment.', SegmentBody), ...MISSING, ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => {
      const { key } = c.req.valid('param');
      const { segments } = c.var.segmentd;
      const { state } = c.req.valid('json');
      if (state === 'live') await segments.resume(key);
      else if (state === 'paused') await segments.pause(key);
      else await segments.archive(key);
      return c.json(bodyOf(await segments.show(key)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/segments/{key}/restorations',
      tags: ['segments'],
      summary: 'Bring a deleted segment back',
      middleware: [atLeast('editor')] as const,
      request: { params: SegmentKey },
      responses: { 200: answer('The segment.', SegmentBody), ...MISSING, ...CONFLICT, ...REFUSED, ...PROBLEMS },
    }),
    async (c) => c.json(bodyOf(await c.var.segmentd.segments.restore(c.req.valid('param').key)), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/segments/{key}/duplicates',
      tags: ['segments'],
      summary: 'Copy a segment under a new key',
      middleware: [atLeast('editor')] as const,
      request: { params: SegmentKey, body: jsonBody(DuplicateBody) },
      responses: { 201: answer('The copy.', SegmentBody), ...MISSING, ...CONFLICT, ...REFUSED, ...PROBLEMS },
    }),
    async (c) => {
      const copy = await c.var.segmentd.segments.duplicate(c.req.valid('param').key, c.req.valid('json').key);
      c.header('location', `/api/v1/segments/${encodeURIComponent(copy.key)}`);
      return c.json(bodyOf(copy), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/uses',
      tags: ['segments'],
      summary: 'List what reads a segment',
      request: { params: SegmentKey },
      responses: { 200: answer('Segments and schedules.', UsesBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => c.json(snakeBody(await c.var.segmentd.segments.uses(c.req.valid('param').key)), 200),
  );
}
