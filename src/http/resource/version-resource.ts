/** `/segments/{key}/versions`: every version, and an old one as a new one. */
import { createRoute, z } from '@hono/zod-openapi';
import { entityTag, expectedVersion } from '../entity-tag.ts';
import type { HttpApi } from '../http-env.ts';
import { atLeast } from '../require-role.ts';
import {
  answer,
  CONFLICT,
  IfMatch,
  jsonBody,
  MISSING,
  OVERTAKEN,
  PROBLEMS,
  REFUSED,
  SegmentKey,
} from '../schema/common-schema.ts';
import { RestorationBody, SegmentBody, VersionBody } from '../schema/segment-schema.ts';
import { snakeBody } from '../snake-body.ts';

const VersionsBody = z.object({ versions: z.array(VersionBody) }).openapi('Versions');
const VersionKey = SegmentKey.extend({
  version: z.coerce
    .number()
    .int()
    .min(1)
    .openapi({ param: { name: 'version', in: 'path' }, example: 2 }),
});

export function addVersions(api: HttpApi): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/versions',
      tags: ['versions'],
      summary: 'List the versions of a segment, the latest first',
      request: { params: SegmentKey },
      responses: { 200: answer('Versions.', VersionsBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const versions = await c.var.segmentd.segments.versions(c.req.valid('param').key);
      return c.json({ versions: versions.map((one) => snakeBody(one, ['condition'])) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/segments/{key}/versions/{version}/restorations',
      tags: ['versions'],
      summary: 'Make an old version a new one',
      middleware: [atLeast('editor')] as const,
      request: { params: VersionKey, headers: IfMatch, body: jsonBody(RestorationBody) },
      responses: {
        200: answer('The segment.', SegmentBody),
        ...MISSING,
        ...CONFLICT,
        ...OVERTAKEN,
        ...REFUSED,
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const { key, version } = c.req.valid('param');
      const expected = expectedVersion(c.req.valid('header')['if-match']);
      const { confirm = false } = c.req.valid('json');
      const segment = await c.var.segmentd.segments.restoreVersion(key, version, {
        ...(confirm ? { confirm } : {}),
        ...(expected === undefined ? {} : { expectedVersion: expected }),
      });
      c.header('etag', entityTag(segment.version));
      return c.json(snakeBody(segment, ['condition']), 200);
    },
  );
}
