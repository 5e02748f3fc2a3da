/** A draft tried on one contact: verdicts of Postgres, and the document from which a page computes the same as one types. */
import { createRoute } from '@hono/zod-openapi';
import type { HttpApi } from '../http-env.ts';
import { requireRole } from '../require-role.ts';
import { answer, ContactKey, jsonBody, PROBLEMS, REFUSED } from '../schema/common-schema.ts';
import { TrialBody, TrialWrite } from '../schema/trial-schema.ts';

export function addTrials(api: HttpApi): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/contacts/{contact}/trials',
      tags: ['conditions'],
      summary: 'Try a condition on one contact, row by row',
      request: { params: ContactKey, body: jsonBody(TrialWrite) },
      responses: { 200: answer('Verdicts of one snapshot.', TrialBody), ...REFUSED, ...PROBLEMS },
    }),
    async (c) => {
      const { condition, timezone, reveal } = c.req.valid('json');
      if (reveal === true) requireRole(c.var.person, 'editor');
      const { document, ...trial } = await c.var.segmentd.segments.trial(
        { condition, ...(timezone === undefined ? {} : { timezone }) },
        c.req.valid('param').contact,
        reveal === undefined ? {} : { reveal },
      );
      // The keys of the document are names of the team, and it is read by `rowVerdicts` as it is.
      return c.json(
        {
          ...trial,
          rows: [...trial.rows],
          hidden: [...trial.hidden],
          document: document as Record<string, unknown> | null,
        },
        200,
      );
    },
  );
}
