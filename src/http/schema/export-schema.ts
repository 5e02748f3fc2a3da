/** Exports and their columns as the API takes and gives them. */
import { z } from '@hono/zod-openapi';
import { FORMATS } from '../../export/format/format.ts';
import { Authored, Instant } from './common-schema.ts';

export const ExportId = z.object({
  id: z
    .string()
    .regex(/^\d{1,18}$/)
    .openapi({ param: { name: 'id', in: 'path' }, example: '17' }),
});

const Columns = z
  .array(z.string().max(200))
  .min(1)
  .max(500)
  .openapi({
    description: 'Names of `columns`; default: the key and since when, in a delta the change too.',
    example: ['contact_id', 'email', 'orders.count'],
  });

export const DownloadWrite = z
  .strictObject({
    format: z.enum(FORMATS).optional(),
    columns: Columns.optional(),
    gzip: z.boolean().optional(),
    delta: z.string().min(1).max(200).optional().openapi({
      description: 'Name of a delta: who entered and left since its last file. The first file has all members.',
    }),
    passing: z.boolean().optional().openapi({ description: 'Of a delta: also names who entered and left in between.' }),
    restart: z.boolean().optional().openapi({ description: 'Of a delta: begins anew, with all members.' }),
    formulas: z.boolean().optional().openapi({ description: 'Leaves texts that a spreadsheet takes for formulas.' }),
    consistent: z.boolean().optional().openapi({ description: 'Reads all columns in one snapshot.' }),
  })
  .openapi('NewExport');

export const ExportBody = z
  .object({
    id: z.string(),
    key: z.string().openapi({ description: 'Of the segment.' }),
    state: z.enum(['waiting', 'running', 'done', 'failed']),
    download: z
      .boolean()
      .openapi({ description: 'Fetched from `file`; otherwise a schedule or the command line writes it.' }),
    ready: z.boolean().openapi({ description: '`file` can be fetched now.' }),
    schedule: z.int().nullable().openapi({ description: 'The schedule that asked for it.' }),
    format: z.enum(FORMATS).nullable(),
    columns: z.array(z.string()).nullable(),
    gzip: z.boolean(),
    delta: z.string().nullable(),
    number: z.int().nullable().openapi({ description: 'Of the file in its delta.' }),
    written: z.number().nullable().openapi({ description: 'Rows so far.' }),
    total: z.number().nullable().openapi({ description: 'About how many rows there are; exact once it is done.' }),
    bytes: z.number().nullable(),
    error: z.string().nullable(),
    attempt: z.int(),
    file: z.string().nullable().openapi({ description: 'Name of the file that a schedule or the command line wrote.' }),
    requested_at: Instant,
    started_at: Instant.nullable(),
    finished_at: Instant.nullable(),
    created_by: Authored.created_by.nullable(),
    database_role: Authored.database_role.nullable(),
  })
  .openapi('Export');

export const ColumnBody = z
  .object({
    name: z.string().openapi({ example: 'orders.sum:total' }),
    label: z.string(),
    description: z.string().nullable(),
    type: z.string().openapi({ description: 'Of its values.', example: 'number' }),
    group: z.enum(['member', 'delta', 'contact', 'relation']).openapi({
      description: '`delta`: only a delta has it. `relation`: an aggregate of the rows of a relation.',
    }),
    relation: z.string().nullable(),
    masked: z.boolean().openapi({ description: 'Pages show its values to persons who may reveal them.' }),
  })
  .openapi('Column');

export const ColumnsBody = z.object({ columns: z.array(ColumnBody) }).openapi('Columns');

export const FileBytes = z.string().openapi({ format: 'binary', description: 'The file, as it is written.' });
