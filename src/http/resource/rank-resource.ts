/** The ranks of the config: how current they are, and their computation now. */
import { createRoute } from '@hono/zod-openapi';
import type { HttpApi } from '../http-env.ts';
import { atLeast } from '../require-role.ts';
import { answer, jsonBody, MISSING, PROBLEMS } from '../schema/common-schema.ts';
import { AskedRanksBody, RankAsk, RanksBody } from '../schema/rank-schema.ts';
import { snakeBody } from '../snake-body.ts';

export function addRanks(api: HttpApi): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/ranks',
      tags: ['operations'],
      summary: 'List ranks, each with its last computation',
      responses: { 200: answer('Ranks.', RanksBody), ...PROBLEMS },
    }),
    async (c) => c.json({ ranks: (await c.var.segmentd.ranks.list()).map((one) => snakeBody(one)) }, 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/ranks/computations',
      tags: ['operations'],
      summary: 'Compute one rank or all of them now',
      middleware: [atLeast('editor')] as const,
      request: { body: jsonBody(RankAsk) },
      responses: { 202: answer('The calls, which a worker answers.', AskedRanksBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const asked = await c.var.segmentd.ranks.compute(c.req.valid('json').name);
      return c.json({ ranks: asked.map((one) => ({ ...one })) }, 202);
    },
  );
}
