/** How the installation stands, what is wrong with it, and the exports that it repeats. */
import { createRoute, z } from '@hono/zod-openapi';
import type { HttpApi } from '../http-env.ts';
import { atLeast } from '../require-role.ts';
import { answer, CONFLICT, jsonBody, MISSING, PROBLEMS } from '../schema/common-schema.ts';
import {
  FindingsBody,
  RunsBody,
  ScheduleBody,
  ScheduleEdit,
  SchedulesBody,
  ScheduleWrite,
  StatusBody,
  StatusQuery,
} from '../schema/operation-schema.ts';
import { snakeBody } from '../snake-body.ts';
import { withoutUndefined } from '../without-undefined.ts';

const ScheduleId = z.object({
  id: z.coerce
    .number()
    .int()
    .min(1)
    .openapi({ param: { name: 'id', in: 'path' }, example: 1 }),
});

export function addOperations(api: HttpApi): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/status',
      tags: ['operations'],
      summary: 'Say how fresh membership is, what waits, and which workers run',
      request: { query: StatusQuery },
      responses: { 200: answer('The status.', StatusBody), ...PROBLEMS },
    }),
    async (c) => {
      const { admin } = c.var.segmentd;
      const [backlog, workers, audit, segments] = await Promise.all([
        admin.backlog(),
        admin.workers(),
        admin.auditStatus(),
        admin.status(),
      ]);
      const all = c.req.valid('query').segments === 'all';
      const shown = segments.filter(
        ({ state, progress, owed }) => all || state === 'building' || progress !== null || owed.length > 0,
      );
      return c.json(
        {
          backlog: snakeBody(backlog),
          workers: workers.map((one) => snakeBody(one)),
          audit: audit && snakeBody(audit),
          segments: shown.map((one) => snakeBody(one)),
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/findings',
      tags: ['operations'],
      summary: 'Check the installation',
      middleware: [atLeast('admin')] as const,
      responses: { 200: answer('Findings, each with the command that fixes it.', FindingsBody), ...PROBLEMS },
    }),
    async (c) => {
      const findings = await c.var.segmentd.admin.doctor();
      return c.json({ findings: findings.map((one) => snakeBody(one)) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/schedules',
      tags: ['exports'],
      summary: 'List schedules, each with its last run',
      request: { query: z.object({ segment: z.string().max(200).optional() }) },
      responses: { 200: answer('Schedules.', SchedulesBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const found = await c.var.segmentd.schedules.list(c.req.valid('query').segment);
      return c.json({ schedules: found.map((one) => snakeBody(one)) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/schedules',
      tags: ['exports'],
      summary: 'Repeat an export',
      middleware: [atLeast('editor')] as const,
      request: { body: jsonBody(ScheduleWrite) },
      responses: { 201: answer('The schedule.', ScheduleBody), ...MISSING, ...CONFLICT, ...PROBLEMS },
    }),
    async (c) => {
      const { key, cron, ...rest } = c.req.valid('json');
      const added = await c.var.segmentd.schedules.add({ key, cron, ...withoutUndefined(rest) });
      return c.json(snakeBody(added), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/schedules/{id}',
      tags: ['exports'],
      summary: 'Change, pause or resume a schedule',
      middleware: [atLeast('editor')] as const,
      request: { params: ScheduleId, body: jsonBody(ScheduleEdit) },
      responses: { 200: answer('The schedule.', ScheduleBody), ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      const change = withoutUndefined(c.req.valid('json'));
      return c.json(snakeBody(await c.var.segmentd.schedules.edit(c.req.valid('param').id, change)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/schedules/{id}',
      tags: ['exports'],
      summary: 'Remove a schedule; its files stay',
      middleware: [atLeast('editor')] as const,
      request: { params: ScheduleId },
      responses: { 204: { description: 'It is removed.' }, ...MISSING, ...PROBLEMS },
    }),
    async (c) => {
      await c.var.segmentd.schedules.remove(c.req.valid('param').id);
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/schedules/{id}/runs',
      tags: ['exports'],
      summary: 'List the runs of a schedule, the latest first',
      request: { params: ScheduleId },
      responses: { 200: answer('Runs.', RunsBody), ...PROBLEMS },
    }),
    async (c) => {
      const runs = await c.var.segmentd.schedules.runs({ schedule: c.req.valid('param').id, limit: 100 });
      return c.json({ runs: runs.map((one) => snakeBody(one)) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/schedules/{id}/runs',
      tags: ['exports'],
      summary: 'Run a schedule now',
      middleware: [atLeast('editor')] as const,
      request: { params: ScheduleId },
      responses: {
        202: answer('The number of the run.', z.object({ run: z.string() }).openapi('RequestedRun')),
        ...MISSING,
        ...PROBLEMS,
      },
    }),
    async (c) => c.json({ run: await c.var.segmentd.schedules.run(c.req.valid('param').id) }, 202),
  );
}
