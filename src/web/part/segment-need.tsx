/** Why a segment needs a person, and the next step. */
import type { SegmentOutline } from '../client/api.ts';
import { mayAdmin, mayEdit, useMe } from '../client/me-context.ts';
import { CopyButton } from './copy-button.tsx';

type Need = NonNullable<SegmentOutline['needs']>;

/** What a person who may edit does next, and where. */
const NEXT = {
  held: { name: 'Confirm or discard', path: '' },
  invalid: { name: 'Change the condition', path: '/edit' },
  failed: { name: 'Change the condition', path: '/edit' },
  stale: { name: 'Look at it', path: '' },
  late: undefined,
} as const satisfies Record<Need['code'], { readonly name: string; readonly path: string } | undefined>;

export function SegmentNeed({ segmentKey, need }: { readonly segmentKey: string; readonly need: Need }) {
  const me = useMe();
  const next = NEXT[need.code];
  return (
    <>
      <small class="need">{need.sentence}</small>
      {next && mayEdit(me) && (
        <small>
          <a class="step" href={`/segments/${encodeURIComponent(segmentKey)}${next.path}`}>
            {next.name}
          </a>
        </small>
      )}
      {!next && need.command !== null && mayAdmin(me) && (
        <small class="step">
          <code>{need.command}</code> <CopyButton text={need.command} what="the command" />
        </small>
      )}
    </>
  );
}
