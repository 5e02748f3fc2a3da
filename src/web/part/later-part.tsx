/** A part of a page whose code is loaded after the page is shown: what stands in its place until then, and when it cannot be loaded. */
import type { ComponentChildren, ComponentType } from 'preact';
import { useLater, type LaterCode } from './later-code.ts';
import { NotLoadedNote } from './not-loaded-note.tsx';

/** @param wait as large as what comes, so that nothing moves */
export function laterPart<Props extends object, Name extends string>(
  code: LaterCode<Readonly<Record<Name, ComponentType<Props>>>>,
  name: Name,
  wait: ComponentChildren = (
    <p class="quiet" role="status">
      Loading…
    </p>
  ),
): ComponentType<Props> {
  return function LaterPart(props: Props) {
    const loaded = useLater(code);
    if (loaded === undefined) return <>{wait}</>;
    if (loaded === 'failed') return <NotLoadedNote />;
    const Part: ComponentType<Props> = loaded[name];
    return <Part {...props} />;
  };
}
