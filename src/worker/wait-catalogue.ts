/**
 * Waits until no member was built under another catalogue than that of now, whether or not a worker has noticed yet.
 * Another catalogue that is published meanwhile is read.
 */
import { Registry } from '../followed/registry.ts';
import { followedView, type WaitScope } from './wait-scope.ts';

export async function untilBuiltUnder(scope: WaitScope): Promise<void> {
  const { keys, patience, catalogue } = scope;
  if (!catalogue) return;
  const registry = new Registry(catalogue);
  patience.again();
  /** Segments that differ at the first look, by the version that does: what differs later is not of this call. */
  let first: ReadonlyMap<number, number> | undefined;
  for (;;) {
    const current = await followedView(scope, registry);
    if (current) {
      const differing = [...current.segments.values()].filter(
        ({ key, differs }) => differs !== undefined && (keys === null || keys.includes(key)),
      );
      first ??= new Map(differing.map(({ id, live }) => [id, live?.version ?? 0]));
      if (!differing.some(({ id, live }) => first?.get(id) === live?.version)) return;
    }
    await patience.pause();
  }
}
