/**
 * A page whose code is loaded when it is first opened. When the code cannot be loaded, because the server is away or has a newer version, a
 * note stands in its place, and the address is opened anew as soon as the server answers.
 */
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { lazy } from 'preact-iso';
import { connection } from '../client/live.ts';
import { useStore } from '../client/page-store.ts';
import { FailureNote } from './failure-note.tsx';
import { PageHead } from './page-head.tsx';

export function lazyPage<Name extends string>(
  load: () => Promise<Readonly<Record<Name, ComponentType>>>,
  name: Name,
): ComponentType {
  return lazy<ComponentType>(() =>
    load().then(
      (module): ComponentType => module[name],
      () => NotLoaded,
    ),
  );
}

const WAITS = new Error('The server does not answer.');

/** A browser remembers a module that failed: only a new document loads it again. */
function NotLoaded() {
  const state = useStore(connection);
  const wasLost = useRef(false);
  useEffect(() => {
    if (state === 'lost') wasLost.current = true;
    else if (wasLost.current) location.reload();
  }, [state]);
  return (
    <>
      <PageHead title="Not loaded" />
      <FailureNote error={WAITS} again={() => location.reload()} />
    </>
  );
}
