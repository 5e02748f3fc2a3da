/** A client of the stream of changes, as a browser reads it: events with ids, and the last id to come back with. */
export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

export interface EventClient {
  /** Every event so far. */
  readonly events: readonly StreamEvent[];
  /** The id of the last event. */
  readonly lastId: string;
  /** The stream has ended. */
  readonly ended: boolean;
  /** Closes the connection, and resolves when no event comes any more. */
  cut(): Promise<void>;
}

/** @throws {Error} with the status of a refusal */
export async function openEvents(
  url: string,
  headers: Readonly<Record<string, string>>,
  lastId?: string,
): Promise<EventClient> {
  const cutting = new AbortController();
  const response = await fetch(url, {
    headers: { ...headers, ...(lastId === undefined ? {} : { 'last-event-id': lastId }) },
    signal: cutting.signal,
  });
  if (response.status !== 200 || !response.body) {
    await response.text();
    throw new Error(`status ${response.status}`);
  }
  const events: StreamEvent[] = [];
  let id = lastId ?? '';
  let ended = false;
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    let rest = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
        events.push({ event: fields.get('event') ?? '', data: JSON.parse(fields.get('data') ?? 'null') as unknown });
        id = fields.get('id') ?? id;
      }
    }
  };
  const reading = read(response.body as ReadableStream<Uint8Array>)
    .catch(() => {
      // It was cut.
    })
    .finally(() => (ended = true));
  return {
    events,
    get lastId() {
      return id;
    },
    get ended() {
      return ended;
    },
    async cut() {
      cutting.abort();
      await reading;
    },
  };
}
