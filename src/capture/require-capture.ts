/** Whether anything is captured at all: without it no segment is built and no change is seen, however long one waits. */
import { Failure } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';

export function captureMissing(): Failure {
  return new Failure(
    'incompatible',
    'Capture is not installed, so no segment is built and no change is seen: run `segmentd install` first.',
  );
}

/** @throws {Failure} `incompatible` */
export async function requireCapture(client: Queryable): Promise<void> {
  const { rowCount } = await client.query('select from segmentd.source s where s.installed_at is not null limit 1');
  if (!rowCount) throw captureMissing();
}
