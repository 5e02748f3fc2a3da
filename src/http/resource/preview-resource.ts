/** Conditions tried before they are saved, and why a contact is in. */
import { createRoute, z } from '@hono/zod-openapi';
import type { HttpApi } from '../http-env.ts';
import { newestAtOnce } from '../newest-at-once.ts';
import { requireRole } from '../require-role.ts';
import { answer, jsonBody, MISSING, PROBLEMS, REFUSED, SegmentKey } from '../schema/common-schema.ts';
import {
  EditPreviewBody,
  EditPreviewWrite,
  ExplanationBody,
  PreviewBody,
  PreviewWrite,
  RevealQuery,
} from '../schema/preview-schema.ts';
import { snakeBody } from '../snake-body.ts';
import { withoutUndefined } from '../without-undefined.ts';

/** Previews of one person that run at once. */
const AT_ONCE = 2;

/** Its keys are names of fields. */
const NAMED_BY_FIELD = ['values'] as const;

const ExplanationKey = SegmentKey.extend({
  contact: z
    .string()
    .min(1)
    .max(1_000)
    .openapi({ param: { name: 'contact', in: 'path' }, example: '42' }),
});

export function addPreviews(api: HttpApi): void {
  const newest = newestAtOnce(AT_ONCE, 'previews');

  api.openapi(
    createRoute({
      method: 'post',
      path: '/previews',
      tags: ['conditions'],
      summary: 'Count a condition before it is saved',
      middleware: [newest] as const,
      request: { body: jsonBody(PreviewWrite) },
      responses: { 200: answer('Counts of one snapshot.', PreviewBody), ...REFUSED, ...PROBLEMS },
    }),
    async (c) => {
      const { condition, timezone, ...options } = c.req.valid('json');
      const preview = await c.var.segmentd.segments.preview(
        { condition, ...(timezone === undefined ? {} : { timezone }) },
        { ...withoutUndefined(options), signal: c.var.signal },
      );
      return c.json(snakeBody(preview, NAMED_BY_FIELD), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/segments/{key}/edit-previews',
      tags: ['conditions'],
      summary: 'Count who an edit would move',
      middleware: [newest] as const,
      request: { params: SegmentKey, body: jsonBody(EditPreviewWrite) },
      responses: { 200: answer('Who would enter and leave.', EditPreviewBody), ...MISSING, ...REFUSED, ...PROBLEMS },
    }),
    async (c) => {
      const { mode, timeout, sample, ...change } = c.req.valid('json');
      const preview = await c.var.segmentd.segments.previewEdit(c.req.valid('param').key, withoutUndefined(change), {
        ...withoutUndefined({ mode, timeout, sample }),
        signal: c.var.signal,
      });
      return c.json(snakeBody(preview, NAMED_BY_FIELD), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/explanations/{contact}',
      tags: ['conditions'],
      summary: 'Explain why a contact is in or out',
      request: { params: ExplanationKey, query: RevealQuery },
      responses: { 200: answer('The explanation, leaf by leaf.', ExplanationBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const { key, contact } = c.req.valid('param');
      const masked = c.req.valid('query').reveal !== 'true';
      if (!masked) requireRole(c.var.person, 'editor');
      return c.json(snakeBody(await c.var.segmentd.segments.explain(key, contact, { masked })), 200);
    },
  );
}
