/**
 * The code that a world runs: ours, or a copy of it that was changed on purpose (edited-copy.ts). Everything that
 * takes part in the protocol is reached through here, so that a copy runs as a whole.
 */
import { pathToFileURL } from 'node:url';
import type * as rebuild from '../../src/rebuild/rebuild.ts';
import type * as drain from '../../src/recheck/drain.ts';
import type * as isolate from '../../src/recheck/isolate.ts';
import type * as resolve from '../../src/recheck/resolve.ts';
import type * as session from '../../src/recheck/drain-session.ts';
import type * as accept from '../../src/lifecycle/accept.ts';
import type * as freeze from '../../src/lifecycle/freeze.ts';
import type * as behind from '../../src/followed/catalogue-behind.ts';
import type * as registry from '../../src/followed/registry.ts';
import type * as request from '../../src/lifecycle/carry-out.ts';
import type * as watch from '../../src/worker/catalogue-watch.ts';
import type * as revalidate from '../../src/lifecycle/revalidate.ts';

type Modules = readonly [
  typeof drain,
  typeof resolve,
  typeof isolate,
  typeof session,
  typeof rebuild,
  typeof accept,
  typeof request,
  typeof freeze,
  typeof watch,
  typeof registry,
  typeof behind,
  typeof revalidate,
];

export type Code = Pick<typeof drain, 'drain'> &
  Pick<typeof resolve, 'resolve'> &
  Pick<typeof isolate, 'isolate'> &
  Pick<typeof session, 'DrainSession'> &
  Pick<typeof rebuild, 'rebuildOwed'> &
  Pick<typeof accept, 'acceptVersions'> &
  Pick<typeof request, 'carryOutRequests'> &
  Pick<typeof freeze, 'freezeSegment'> &
  Pick<typeof watch, 'CatalogueWatch'> &
  Pick<typeof revalidate, 'revalidate'> &
  Pick<typeof behind, 'CatalogueBehind'> &
  Pick<typeof registry, 'Registry'>;

const FILES = [
  'recheck/drain',
  'recheck/resolve',
  'recheck/isolate',
  'recheck/drain-session',
  'rebuild/rebuild',
  'lifecycle/accept',
  'lifecycle/carry-out',
  'lifecycle/freeze',
  'worker/catalogue-watch',
  'followed/registry',
  'followed/catalogue-behind',
  'lifecycle/revalidate',
] as const;

/** `root`: folder of the copy; without it our own code. */
export async function loadCode(root?: string): Promise<Code> {
  const src = root === undefined ? new URL('../../src/', import.meta.url) : new URL('src/', pathToFileURL(`${root}/`));
  const modules = await Promise.all(FILES.map((file) => import(/* @vite-ignore */ new URL(`${file}.ts`, src).href)));
  const [
    draining,
    resolving,
    isolating,
    sessions,
    rebuilding,
    accepting,
    requesting,
    freezing,
    watching,
    registries,
    lagging,
    rejudging,
  ] = modules as unknown as Modules;
  return {
    drain: draining.drain,
    resolve: resolving.resolve,
    isolate: isolating.isolate,
    DrainSession: sessions.DrainSession,
    rebuildOwed: rebuilding.rebuildOwed,
    acceptVersions: accepting.acceptVersions,
    carryOutRequests: requesting.carryOutRequests,
    freezeSegment: freezing.freezeSegment,
    CatalogueWatch: watching.CatalogueWatch,
    revalidate: rejudging.revalidate,
    CatalogueBehind: lagging.CatalogueBehind,
    Registry: registries.Registry,
  };
}
