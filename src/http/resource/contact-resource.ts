/** `/contacts`: contacts as people look for them, and all that segmentd knows of one. */
import { createRoute } from '@hono/zod-openapi';
import type { HttpApi } from '../http-env.ts';
import { pageCursor, readPageCursor } from '../page-cursor.ts';
import { answer, ContactKey, PROBLEMS } from '../schema/common-schema.ts';
import {
  ContactBody,
  ContactPageBody,
  ContactsQuery,
  SegmentsOfContactBody,
  ShownQuery,
} from '../schema/member-schema.ts';
import { bodyWithValues, columnsOf, eventBody, noteReveal } from '../shown-body.ts';
import { snakeBody } from '../snake-body.ts';
import { withoutUndefined } from '../without-undefined.ts';

export function addContacts(api: HttpApi): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/contacts',
      tags: ['contacts'],
      summary: 'Look for contacts by key or by a displayed column',
      request: { query: ContactsQuery },
      responses: { 200: answer('A page of contacts in order of the key.', ContactPageBody), ...PROBLEMS },
    }),
    async (c) => {
      const { find, limit, cursor, columns, reveal } = c.req.valid('query');
      await noteReveal(c, reveal, {});
      const after = readPageCursor('contacts', cursor);
      const { contacts, next, slow } = await c.var.segmentd.contacts.find({
        limit,
        reveal,
        ...withoutUndefined({ find, after, columns: columnsOf(columns) }),
      });
      return c.json({ items: contacts.map(bodyWithValues), next: next && pageCursor('contacts', next), slow }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/contacts/{contact}',
      tags: ['contacts'],
      summary: 'Read a contact: its segments, overrides and newest events',
      request: { params: ContactKey, query: ShownQuery },
      responses: { 200: answer('The contact, also one that does not exist.', ContactBody), ...PROBLEMS },
    }),
    async (c) => {
      const { columns, reveal } = c.req.valid('query');
      const { contact } = c.req.valid('param');
      await noteReveal(c, reveal, { contact });
      const { events, values, ...rest } = await c.var.segmentd.contacts.outline(contact, {
        reveal,
        ...withoutUndefined({ columns: columnsOf(columns) }),
      });
      return c.json({ ...snakeBody(rest), values: { ...values }, events: events.map(eventBody) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/contacts/{contact}/segments',
      tags: ['contacts'],
      summary: 'List the segments that a contact is in',
      request: { params: ContactKey },
      responses: { 200: answer('Segments, and whether the contact exists.', SegmentsOfContactBody), ...PROBLEMS },
    }),
    async (c) => {
      const { contact } = c.req.valid('param');
      const [exists, segments] = await Promise.all([
        c.var.segmentd.members.contactExists(contact),
        c.var.segmentd.members.segmentsOf(contact),
      ]);
      return c.json({ exists, segments: segments.map((one) => snakeBody(one)) }, 200);
    },
  );
}
