/** The catalogue as the API gives it. */
import { z } from '@hono/zod-openapi';

const Label = z.string().openapi({ description: 'What people read in place of the name.', example: 'Last seen' });
const Description = z
  .string()
  .nullable()
  .openapi({ description: 'The comment of the column or table, if it is long.' });

const ValueBody = z.object({
  value: z.string().openapi({ description: 'As conditions write it.', example: 'paid' }),
  label: z.string().nullable().openapi({ description: 'What people read in place of the value.' }),
  share: z.number().nullable().openapi({ description: 'Of the rows of the table, as Postgres estimates it.' }),
});

export const CatalogueFieldBody = z
  .object({
    name: z.string().openapi({ description: 'As conditions write it.', example: 'last_seen_at' }),
    label: Label,
    type: z.string().openapi({
      description: 'text, number, integer, boolean, date, instant, uuid, json or other; a list ends with [].',
      example: 'instant',
    }),
    nullable: z.boolean(),
    description: Description,
    masked: z.boolean().openapi({ description: 'Its values are shown masked.' }),
    values: z.array(ValueBody).nullable().openapi({
      description:
        'Labels of an enum, the list of a check constraint, or frequent values; null when none is known or may be listed.',
    }),
    values_complete: z.boolean().openapi({ description: 'There can be no other value.' }),
  })
  .openapi('CatalogueField');

export const CatalogueBody = z
  .object({
    contacts: z.object({
      table: z.string().openapi({ example: 'public.contacts' }),
      key: z.string().openapi({ description: 'Name of the column with the key.' }),
      key_type: z.string().openapi({ description: 'integer, bigint, uuid or text. The API writes every key as text.' }),
      label: Label,
      description: Description,
      display: z
        .array(z.object({ field: z.string(), label: Label, masked: z.boolean() }))
        .openapi({ description: 'What pages show of a contact, in this order.' }),
    }),
    timezone: z.string().openapi({ description: 'Default zone of segments.', example: 'Europe/Madrid' }),
    fields: z.array(CatalogueFieldBody),
    relations: z.array(
      z.object({
        name: z.string(),
        label: Label,
        description: Description,
        through: z.string().nullable().openapi({ description: 'The relation that it goes through.' }),
        events_at: z
          .string()
          .nullable()
          .openapi({ description: 'The field by which rows are the first and the last.' }),
        only: z.string().nullable().openapi({ description: 'Which rows count, in words; null: all of them.' }),
        fields: z.array(CatalogueFieldBody),
      }),
    ),
    checker: z.record(z.string(), z.unknown()).openapi({
      description: 'The same for `catalogueFromJson` of segmentd/condition, which checks and describes drafts.',
    }),
  })
  .openapi('Catalogue');
