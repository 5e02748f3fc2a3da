/**
 * Whether any table is captured. Without capture no segment is built and no change is seen, so a wait would never end.
 */
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
  const { rowCount } = await client.query(
    'select from segmentd_internal.source s where s.installed_at is not null limit 1',
  );
  if (!rowCount) throw captureMissing();
}
