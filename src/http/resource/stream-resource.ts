/** `/events/stream`: what changed, as server-sent events. A hint: the page reads again what it shows. */
import { createRoute } from '@hono/zod-openapi';
import type { HintBoard, Listener, Message } from '../hint-board.ts';
import type { HttpApi } from '../http-env.ts';
import type { OpenStreams } from '../open-stream.ts';
import { PROBLEMS } from '../schema/common-schema.ts';
import { FreshnessBody, PageChangeBody, StreamHeader, StreamQuery, StreamText } from '../schema/stream-schema.ts';

/** Milliseconds after which a browser comes back. */
const RETRY_MS = 1_000;

export function addStream(api: HttpApi, board: HintBoard, streams: OpenStreams): void {
  api.openAPIRegistry.register('PageChange', PageChangeBody);
  api.openAPIRegistry.register('Freshness', FreshnessBody);
  api.openapi(
    createRoute({
      method: 'get',
      path: '/events/stream',
      tags: ['events'],
      summary: 'Hear what changes, as it changes',
      description:
        'Server-sent events. A client that comes back with `Last-Event-ID` gets every later change, or hears that any segment may have changed.',
      request: { query: StreamQuery, headers: StreamHeader },
      responses: {
        200: {
          description: 'Events, until one side closes.',
          content: { 'text/event-stream': { schema: StreamText } },
        },
        ...PROBLEMS,
      },
    }),
    async (c) => {
      const lastId = c.req.valid('header')['last-event-id'] ?? c.req.valid('query').after;
      let listener: Listener | undefined;
      const closed = streams.open(c, () => listener?.end());
      try {
        listener = await board.listen(lastId);
      } catch (error) {
        closed();
        throw error;
      }
      const { signal } = c.req.raw;
      const end = (): void => listener?.end();
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      const body = eventsOf(listener, () => {
        signal.removeEventListener('abort', end);
        closed();
      });
      return c.body(body, 200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    },
  );
}

/** Reads the next message when the client has taken the one before. */
function eventsOf(listener: Listener, closed: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let left = false;
  let opening = `retry: ${RETRY_MS}\nevent: ready\ndata: {}\n`;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const message = await listener.next();
      if (left) return;
      if (message) {
        const events = opening === '' ? eventsText(message) : `${opening}id: ${message.id}\n\n${eventsText(message)}`;
        opening = '';
        return controller.enqueue(encoder.encode(events));
      }
      closed();
      controller.close();
    },
    cancel() {
      left = true;
      listener.end();
      closed();
    },
  });
}

/** Only the last event has the id: a client that was cut off between two gets both again. */
function eventsText({ id, changes, freshness }: Message): string {
  const events = [
    ...changes.map((change) => `event: change\ndata: ${JSON.stringify(change)}`),
    ...(freshness ? [`event: fresh\ndata: ${JSON.stringify(freshness)}`] : []),
  ];
  return events.map((event, at) => `${event}\n${at === events.length - 1 ? `id: ${id}\n` : ''}\n`).join('');
}
