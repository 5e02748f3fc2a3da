/** What conditions may name: for a page that builds a condition, and for its checker. */
import { createRoute } from '@hono/zod-openapi';
import { etag } from 'hono/etag';
import { catalogueToJson } from '../../condition/condition.ts';
import type { HttpApi } from '../http-env.ts';
import { CatalogueBody } from '../schema/catalogue-schema.ts';
import { answer, PROBLEMS } from '../schema/common-schema.ts';
import { snakeBody } from '../snake-body.ts';

export function addCatalogue(api: HttpApi): void {
  api.use('/catalogue', etag());
  api.openapi(
    createRoute({
      method: 'get',
      path: '/catalogue',
      tags: ['conditions'],
      summary: 'Read what conditions may name',
      responses: {
        200: answer('The catalogue, with an ETag of its content.', CatalogueBody),
        304: { description: 'The reader has it (`If-None-Match`).' },
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const { admin } = c.var.segmentd;
      const { catalogue } = await admin.fields();
      // The keys of the checker's part are names of the team, and stay as they are.
      return c.json({ ...snakeBody(await admin.vocabulary()), checker: catalogueToJson(catalogue) }, 200);
    },
  );
}
