/** What a person must know or do before the segment is as it should be. */
import { answered } from '../client/api-failure.ts';
import { useAction } from '../client/use-action.ts';
import { mayEdit, useMe } from '../client/me-context.ts';
import {
  patchSegmentsByKey,
  postSegmentsByKeyVersionsAndVersionRestorations,
  type SegmentOutline,
} from '../client/api.ts';
import { CopyButton } from '../part/copy-button.tsx';
import { FailureNote } from '../part/failure-note.tsx';
import { shareText } from '../client/number-text.ts';
import { entityTag, readAgain } from './entity.ts';

export function SegmentNotice({ segment }: { readonly segment: SegmentOutline }) {
  const { needs, state, progress, version, live_version: live, key } = segment;
  const editable = mayEdit(useMe());
  if (needs !== null) {
    return (
      <div class={needs.code === 'held' || needs.code === 'late' ? 'note warn' : 'note bad'}>
        <p dir="auto">{needs.sentence}</p>
        {state === 'held' && editable && live !== null && <HeldChoice segment={segment} live={live} />}
        {needs.code !== 'held' && needs.command !== null && editable && (
          <p class="command">
            <code>{needs.command}</code> <CopyButton text={needs.command} what="the command" />
          </p>
        )}
        {needs.code === 'invalid' && editable && (
          <p>
            <a href={`/segments/${encodeURIComponent(key)}/edit`}>Change the condition</a>
          </p>
        )}
      </div>
    );
  }
  // A version that no worker has begun yet, or whose build gives way for a moment, is owed as well.
  const owed = state === 'live' && live !== version;
  if (progress !== null || state === 'building' || owed) {
    return (
      <div class="note">
        <label class="progress">
          {live === null
            ? 'The first members are being computed.'
            : `Version ${version} is being computed. Until then you see the members of version ${live}.`}
          <progress value={progress ?? undefined} max={1} />
          {progress !== null && <span class="number">{shareText(progress)}</span>}
        </label>
      </div>
    );
  }
  const rests = RESTS[state];
  return rests === undefined ? null : <p class="note">{rests}</p>;
}

const RESTS: Partial<Record<SegmentOutline['state'], string>> = {
  paused: 'It is paused: its members stay as they are until it is resumed.',
  archived: 'It is archived: its members stay as they are until it is resumed.',
  deleted: 'It is deleted. It can be restored within 30 days.',
};

/** An edit that moves many members waits here. */
function HeldChoice({ segment, live }: { readonly segment: SegmentOutline; readonly live: number }) {
  const { key, version } = segment;
  const ifMatch = entityTag(version);
  const confirm = useAction(async () => {
    await answered(patchSegmentsByKey(key, { confirm: true }, { ifMatch }));
    await readAgain(key);
  });
  const discard = useAction(async () => {
    await answered(postSegmentsByKeyVersionsAndVersionRestorations(key, live, {}, { ifMatch }));
    await readAgain(key);
  });
  const error = confirm.error ?? discard.error;
  return (
    <>
      <div class="buttons start">
        <button type="button" disabled={confirm.busy || discard.busy} onClick={() => void confirm.run()}>
          Confirm version {version}
        </button>
        <button type="button" disabled={confirm.busy || discard.busy} onClick={() => void discard.run()}>
          Discard it and keep version {live}
        </button>
        <a href={`/segments/${encodeURIComponent(key)}?tab=versions`}>What changes</a>
      </div>
      {error && <FailureNote error={error} />}
    </>
  );
}
