/** Exports of segments: asked for, fetched as a stream, listed with how far they have come, cancelled. */
import { createRoute } from '@hono/zod-openapi';
import { downloadBody } from '../download-body.ts';
import type { HttpApi } from '../http-env.ts';
import { readPage } from '../page-cursor.ts';
import { countOpen } from '../rate-limit.ts';
import { atLeast } from '../require-role.ts';
import type { ExportRun } from '../../index.ts';
import {
  answer,
  CONFLICT,
  jsonBody,
  MISSING,
  pageBody,
  PageQuery,
  PROBLEMS,
  SegmentKey,
} from '../schema/common-schema.ts';
import { ColumnsBody, DownloadWrite, ExportBody, ExportId, FileBytes } from '../schema/export-schema.ts';
import { snakeBody } from '../snake-body.ts';
import { withoutUndefined } from '../without-undefined.ts';

/** Downloads of one person at once. */
const AT_ONCE = 4;

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
} as const;

export function addExports(api: HttpApi): void {
  const open = countOpen(AT_ONCE, 'downloads');

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/columns',
      tags: ['exports'],
      summary: 'List the columns that an export or a list of members can have',
      request: { params: SegmentKey },
      responses: { 200: answer('Columns.', ColumnsBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      // All segments have the same columns; one that does not exist has none.
      await c.var.segmentd.segments.show(c.req.valid('param').key);
      const columns = await c.var.segmentd.exports.columns();
      return c.json({ columns: columns.map((one) => ({ ...one })) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/segments/{key}/exports',
      tags: ['exports'],
      summary: 'List the exports of a segment, the latest first',
      description: 'Downloads, runs of schedules and exports of the command line, with their failures.',
      request: { params: SegmentKey, query: PageQuery },
      responses: { 200: answer('A page of exports.', pageBody('ExportPage', ExportBody)), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const { key } = c.req.valid('param');
      const { items, next } = await readPage(
        `exports:${key}`,
        c.req.valid('query'),
        (page) => c.var.segmentd.exports.list({ key, ...page }),
        ({ id }) => id,
      );
      return c.json({ items: items.map((one) => snakeBody(one)), next }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/segments/{key}/exports',
      tags: ['exports'],
      summary: 'Ask for an export, to be fetched from its `file` within an hour',
      middleware: [atLeast('editor')] as const,
      request: { params: SegmentKey, body: jsonBody(DownloadWrite) },
      responses: {
        202: answer('The export; Location is its address.', ExportBody),
        ...MISSING,
        ...CONFLICT,
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const run = await c.var.segmentd.exports.request(c.req.valid('param').key, withoutUndefined(c.req.valid('json')));
      c.header('location', `/api/v1/exports/${run.id}`);
      return c.json(snakeBody(run), 202);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/exports/{id}',
      tags: ['exports'],
      summary: 'Read how far an export has come',
      request: { params: ExportId },
      responses: { 200: answer('The export.', ExportBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => c.json(snakeBody(await c.var.segmentd.exports.show(c.req.valid('param').id)), 200),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/exports/{id}/file',
      tags: ['exports'],
      summary: 'Fetch an export',
      description:
        'The rows come as Postgres reads them; a client that leaves cancels the query. A fetch that broke may begin again within a day. A delta moves on when its file was sent to the end.',
      middleware: [atLeast('editor')] as const,
      request: { params: ExportId },
      responses: {
        200: {
          description: 'The file.',
          content: {
            'text/csv': { schema: FileBytes },
            'application/x-ndjson': { schema: FileBytes },
            'application/vnd.apache.parquet': { schema: FileBytes },
            'application/gzip': { schema: FileBytes },
          },
        },
        ...MISSING,
        ...CONFLICT,
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const { exports } = c.var.lasting;
      const { id } = c.req.valid('param');
      const run = await exports.show(id);
      const ended = open(c);
      // Without a server, as in a test, there is no environment.
      const outgoing = (c.env as typeof c.env | undefined)?.outgoing;
      const body = await downloadBody(
        (options) => exports.download(id, options),
        c.req.raw.signal,
        outgoing && (() => void outgoing.destroy()),
        ended,
      );
      return c.body(body, 200, {
        'content-type': run.gzip ? 'application/gzip' : TYPES[run.format ?? 'csv'],
        'content-disposition': `attachment; filename="${fileName(run)}"`,
        ...(run.total === null ? {} : { 'export-rows': String(run.total) }),
      });
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/exports/{id}',
      tags: ['exports'],
      summary: 'Cancel an export that waits, runs or failed',
      middleware: [atLeast('editor')] as const,
      request: { params: ExportId },
      responses: { 204: { description: 'It is cancelled.' }, ...MISSING, ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => {
      await c.var.segmentd.exports.cancel(c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
}

/** Keys of segments are plain; the name of a delta may be any text, so the file has its kind instead. */
function fileName({ key, id, delta, format, gzip }: ExportRun): string {
  return `${key}${delta === null ? '' : '-delta'}-${id}.${format ?? 'csv'}${gzip ? '.gz' : ''}`;
}
