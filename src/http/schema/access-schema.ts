/** The audit and tokens, as the API takes and gives them. */
import { z } from '@hono/zod-openapi';
import { ACTIONS } from '../../access/action.ts';
import { ACCESS_ROLES } from '../../access/person.ts';
import { Authored, Instant, PageQuery, pageBody } from './common-schema.ts';

export const ActionBody = z
  .object({
    id: z.string().openapi({ description: 'Rises with time.' }),
    at: Instant,
    actor: z.string().nullable().openapi({ description: 'The person; null: not known.', example: 'ana@example.com' }),
    database_role: Authored.database_role,
    way: z.string().nullable().openapi({
      description:
        'How the person came in: link, oidc, session, token or proxy; else the application name of the session.',
    }),
    action: z.enum(ACTIONS),
    segment: z.string().nullable().openapi({ description: 'Key of the segment, as it was then.' }),
    contact: z.string().nullable().openapi({ description: 'Null also for a contact that was forgotten.' }),
    detail: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'What else is known, such as the version.' }),
  })
  .openapi('Action');

export const ActionPage = pageBody('ActionPage', ActionBody);

export const ActionQuery = PageQuery.extend({
  segment: z.string().max(200).optional().openapi({ description: 'Key of a segment.' }),
  actor: z.string().max(1_000).optional().openapi({ description: 'Name of a person.' }),
  contact: z.string().max(1_000).optional().openapi({ description: 'Key of a contact.' }),
  action: z.enum(ACTIONS).optional(),
});

export const TokenBody = z
  .object({
    name: z.string(),
    role: z.enum(ACCESS_ROLES),
    ...Authored,
    created_at: Instant,
    expires_at: Instant.nullable().openapi({ description: 'Null: it has no end.' }),
    used_at: Instant.nullable().openapi({ description: 'To the minute; null: never.' }),
  })
  .openapi('Token');

export const TokensBody = z.object({ tokens: z.array(TokenBody) }).openapi('Tokens');

export const NewTokenBody = z
  .strictObject({
    name: z.string().min(1).max(200).openapi({ description: 'What the program is.' }),
    role: z.enum(ACCESS_ROLES),
    days: z.int().min(1).max(36_500).optional().openapi({ description: 'Until its end; absent: it has no end.' }),
  })
  .openapi('NewToken');

export const MadeTokenBody = z
  .object({ name: z.string(), token: z.string().openapi({ description: 'Shown once: only its hash is stored.' }) })
  .openapi('MadeToken');
