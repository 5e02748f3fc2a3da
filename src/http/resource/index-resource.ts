/** `/`: where to begin; `/me`: who asks. */
import { createRoute, z } from '@hono/zod-openapi';
import { ACCESS_ROLES, rightsOf } from '../../access/person.ts';
import type { HttpApi } from '../http-env.ts';
import { answer, PROBLEMS } from '../schema/common-schema.ts';

const IndexBody = z
  .object({ name: z.literal('segmentd'), version: z.string(), links: z.record(z.string(), z.string()) })
  .openapi('Index');

const MeBody = z
  .object({
    name: z.string(),
    role: z.enum(ACCESS_ROLES),
    by: z.enum(['session', 'token', 'proxy']).openapi({ description: 'How the person came in.' }),
    rights: z.object({
      edit: z.boolean().openapi({ description: 'Write segments, overrides, exports and schedules.' }),
      admin: z.boolean().openapi({ description: 'Read the audit and the findings, make tokens.' }),
      reveal: z
        .boolean()
        .openapi({ description: 'Read the values of masked columns. Each reveal is noted in the audit.' }),
    }),
    sign_out: z.boolean().openapi({ description: 'Whether `POST /sign-out` ends a session.' }),
  })
  .openapi('Me');

/** Needs no person: it holds no data. @param path the path of the API */
export function addIndex(api: HttpApi, path: string, version: string): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/',
      tags: ['api'],
      summary: 'Read where to begin, without signing in',
      security: [],
      responses: { 200: answer('Links.', IndexBody) },
    }),
    (c) =>
      c.json(
        {
          name: 'segmentd' as const,
          version,
          links: Object.fromEntries(
            ['openapi.json', 'docs', 'me', 'segments', 'catalogue', 'schedules', 'status', 'audit'].map((name) => [
              name.replace('.json', ''),
              `${path}/${name}`,
            ]),
          ),
        },
        200,
      ),
  );
}

export function addMe(api: HttpApi): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/me',
      tags: ['api'],
      summary: 'Read who asks',
      responses: {
        200: answer('Name, role and rights.', MeBody),
        ...PROBLEMS,
      },
    }),
    (c) => {
      const { name, role, by } = c.var.person;
      return c.json({ name, role, by, rights: rightsOf(role), sign_out: by === 'session' }, 200);
    },
  );
}
