/** `/segments/{key}/members` and what else says who is in: sizes, events, overrides, overlap. */
import { createRoute, z } from '@hono/zod-openapi';
import { Failure } from '../../base/error.ts';
import type { HttpApi } from '../http-env.ts';
import type { PastMember } from '../../index.ts';
import { pageCursor, readPage, readPageCursor } from '../page-cursor.ts';
import { atLeast } from '../require-role.ts';
import {
  answer,
  CONFLICT,
  jsonBody,
  MISSING,
  pageBody,
  PageQuery,
  PROBLEMS,
  SegmentKey,
} from '../schema/common-schema.ts';
import {
  EventBody,
  EventsQuery,
  MemberPageBody,
  MembersQuery,
  MomentBody,
  MomentQuery,
  OverlapBody,
  OverriddenBody,
  OverrideBody,
  OverridesWrite,
  SizesBody,
  SizesQuery,
} from '../schema/member-schema.ts';
import { bodyWithValues, columnsOf, eventBody, eventPlace, noteReveal } from '../shown-body.ts';
import { snakeBody } from '../snake-body.ts';
import { withoutUndefined } from '../without-undefined.ts';

const memberBody = (member: PastMember) => bodyWithValues(member);

export function addMembers(api: HttpApi): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/members',
      tags: ['members'],
      summary: 'List members in order of the key, those of now or of an instant',
      request: { params: SegmentKey, query: MembersQuery },
      responses: { 200: answer('A page of members.', MemberPageBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const { key } = c.req.valid('param');
      const { as_of, change, also_in, not_in, cursor, reveal, columns, ...asked } = c.req.valid('query');
      await noteReveal(c, reveal, { segment: key });
      const list = `members:${key}:${as_of ?? ''}:${change ?? ''}`;
      const page = withoutUndefined({
        find: asked.find,
        limit: asked.limit,
        reveal,
        columns: columnsOf(columns),
        after: readPageCursor(list, cursor),
      });
      const { members } = c.var.segmentd;
      if (as_of === undefined) {
        if (change !== undefined) throw new Failure('usage', 'change says since when: it needs as_of.');
        const filters = withoutUndefined({ reason: asked.reason, from: asked.from, alsoIn: also_in, notIn: not_in });
        const found = await members.page(key, { ...page, ...filters });
        const items = found.members.map((one) => memberBody({ ...one, leftAt: null }));
        return c.json({ items, next: found.next && pageCursor(list, found.next), slow: found.slow }, 200);
      }
      if ([asked.reason, asked.from, also_in, not_in].some((filter) => filter !== undefined))
        throw new Failure('usage', 'reason, from, also_in and not_in are about the members of now: not with as_of.');
      const found = await members.pastPage(key, as_of, { ...page, ...(change === undefined ? {} : { change }) });
      const items = found.members.map(memberBody);
      return c.json({ items, next: found.next && pageCursor(list, found.next), slow: found.slow }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/moments',
      tags: ['members'],
      summary: 'Count who was in at an instant, who is new since and who has left',
      request: { params: SegmentKey, query: MomentQuery },
      responses: { 200: answer('The numbers.', MomentBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const { at, exact } = c.req.valid('query');
      return c.json(snakeBody(await c.var.segmentd.members.moment(c.req.valid('param').key, at, { exact })), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/events',
      tags: ['members'],
      summary: 'List who entered and left, the newest first',
      request: { params: SegmentKey, query: EventsQuery },
      responses: { 200: answer('A page of events.', pageBody('EventPage', EventBody)), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const { key: segment } = c.req.valid('param');
      const { contact, cursor, columns, limit, reveal } = c.req.valid('query');
      await noteReveal(c, reveal, withoutUndefined({ segment, contact }));
      const list = `events:${segment}:${contact ?? ''}`;
      const after = eventPlace(readPageCursor(list, cursor));
      const { events, next } = await c.var.segmentd.members.events({
        segment,
        limit,
        reveal,
        ...withoutUndefined({ contact, after, columns: columnsOf(columns) }),
      });
      return c.json(
        {
          items: events.map(eventBody),
          next: next && pageCursor(list, JSON.stringify([next.at, next.contact, next.id])),
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/sizes',
      tags: ['members'],
      summary: 'Count members, entered and left, day by day',
      request: { params: SegmentKey, query: SizesQuery },
      responses: { 200: answer('Days, the oldest first.', SizesBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const { days } = c.req.valid('query');
      const found = await c.var.segmentd.members.history(c.req.valid('param').key, { days });
      return c.json({ days: found.map((one) => snakeBody(one)) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/overrides',
      tags: ['overrides'],
      summary: 'List overrides in order of the contacts',
      request: { params: SegmentKey, query: PageQuery },
      responses: {
        200: answer('A page of overrides.', pageBody('OverridePage', OverrideBody)),
        ...MISSING,
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const { key } = c.req.valid('param');
      const { items, next } = await readPage(
        `overrides:${key}`,
        c.req.valid('query'),
        (page) => c.var.segmentd.overrides.list(key, page),
        ({ contactId }) => contactId,
      );
      return c.json({ items: items.map((one) => snakeBody(one)), next }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/segments/{key}/overrides',
      tags: ['overrides'],
      summary: 'Add, remove, include, exclude or reset contacts',
      middleware: [atLeast('editor')] as const,
      request: { params: SegmentKey, body: jsonBody(OverridesWrite) },
      responses: { 200: answer('How many changed.', OverriddenBody), ...MISSING, ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => {
      const { key } = c.req.valid('param');
      const { decision, contacts, skip_unknown: skipUnknown, ...options } = c.req.valid('json');
      const done = await c.var.segmentd.overrides.write(
        decision,
        key,
        contacts,
        withoutUndefined({ ...options, skipUnknown }),
      );
      return c.json(snakeBody(done), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/overlaps',
      tags: ['members'],
      summary: 'Count the members that two segments share',
      request: { query: z.object({ first: z.string().max(200), second: z.string().max(200) }) },
      responses: { 200: answer('The overlap.', OverlapBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const { first, second } = c.req.valid('query');
      return c.json(snakeBody(await c.var.segmentd.members.overlap(first, second)), 200);
    },
  );
}
