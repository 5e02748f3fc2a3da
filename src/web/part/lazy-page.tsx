/**
 * A page whose code is loaded when it is first opened. When the code cannot be loaded, because the server is away or has a newer version, a
 * note stands in its place, and the address is opened anew as soon as the server answers.
 */
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import lazy from 'preact-iso/lazy';
import { connection } from '../client/live.ts';
import { useStore } from '../client/page-store.ts';
import { NotLoadedNote } from './not-loaded-note.tsx';
import { PageHead } from './page-head.tsx';

export type LazyPage = ComponentType & { readonly preload: () => Promise<unknown> };

export function lazyPage<Name extends string>(
  load: () => Promise<Readonly<Record<Name, ComponentType>>>,
  name: Name,
): LazyPage {
  return lazy<ComponentType>(() =>
    load().then(
      (module): ComponentType => module[name],
      () => NotLoaded,
    ),
  );
}

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
      <NotLoadedNote />
    </>
  );
}
