/** `/audit`: who did what; `/tokens`: programs that use the API. For admins. */
import { createRoute, z } from '@hono/zod-openapi';
import type { HttpApi } from '../http-env.ts';
import { readPage } from '../page-cursor.ts';
import { atLeast } from '../require-role.ts';
import { ActionPage, ActionQuery, MadeTokenBody, NewTokenBody, TokensBody } from '../schema/access-schema.ts';
import { answer, CONFLICT, jsonBody, MISSING, PROBLEMS } from '../schema/common-schema.ts';
import { snakeBody } from '../snake-body.ts';
import { withoutUndefined } from '../without-undefined.ts';

const TokenName = z.object({
  name: z
    .string()
    .min(1)
    .max(200)
    .openapi({ param: { name: 'name', in: 'path' }, example: 'reports' }),
});

export function addAccess(api: HttpApi): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audit',
      tags: ['access'],
      summary: 'List who did what, the latest first',
      middleware: [atLeast('admin')] as const,
      request: { query: ActionQuery },
      responses: { 200: answer('A page of actions.', ActionPage), ...PROBLEMS },
    }),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid('query');
      const page = await readPage(
        'audit',
        { limit, cursor },
        (place) => c.var.segmentd.access.audit({ ...withoutUndefined(filter), ...place }),
        ({ id }) => id,
      );
      return c.json(
        { items: page.items.map((one) => ({ ...snakeBody(one), detail: one.detail })), next: page.next },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/tokens',
      tags: ['access'],
      summary: 'List tokens in order of their names',
      middleware: [atLeast('admin')] as const,
      responses: { 200: answer('Tokens, those that have ended included.', TokensBody), ...PROBLEMS },
    }),
    async (c) => {
      const tokens = await c.var.segmentd.access.listTokens();
      return c.json({ tokens: tokens.map((one) => snakeBody(one)) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/tokens',
      tags: ['access'],
      summary: 'Make a token for a program',
      middleware: [atLeast('admin')] as const,
      request: { body: jsonBody(NewTokenBody) },
      responses: { 201: answer('The token, shown once.', MadeTokenBody), ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => {
      const { name, role, days } = c.req.valid('json');
      const token = await c.var.segmentd.access.addToken({ name, role, ...withoutUndefined({ days }) });
      return c.json({ name, token }, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/tokens/{name}',
      tags: ['access'],
      summary: 'Remove a token',
      description: 'Requests with it are refused within ten seconds.',
      middleware: [atLeast('admin')] as const,
      request: { params: TokenName },
      responses: { 204: { description: 'It is removed.' }, ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      await c.var.segmentd.access.removeToken(c.req.valid('param').name);
      return c.body(null, 204);
    },
  );
}
