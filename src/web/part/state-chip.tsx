/** The state of a segment in a word and a colour. */
import type { Segment } from '../client/api.ts';
import './state-chip.css';

type State = Segment['state'];

const LOOK = {
  live: { tone: 'good', title: 'Members follow the data.' },
  building: { tone: '', title: 'The first members are computed.' },
  held: { tone: 'warn', title: 'An edit waits for a confirmation. The members of the version before are kept.' },
  paused: { tone: 'quiet', title: 'Members stand still until it is resumed.' },
  invalid: { tone: 'bad', title: 'The condition does not fit the data any more.' },
  failed: { tone: 'bad', title: 'Postgres cannot evaluate the condition.' },
  archived: { tone: 'quiet', title: 'It has no members and can be restored.' },
  deleted: { tone: 'quiet', title: 'It is being removed.' },
} as const satisfies Record<State, { readonly tone: string; readonly title: string }>;

/** Every state that a person can look for. */
export const SHOWN_STATES = Object.keys(LOOK).filter((state) => state !== 'deleted') as readonly State[];

/** @param progress 0 to 1, of a running build */
export function StateChip({ state, progress }: { readonly state: State; readonly progress?: number | null }) {
  const { tone, title } = LOOK[state];
  const percent = progress === null || progress === undefined ? '' : ` ${Math.floor(progress * 100)}%`;
  return (
    <span class={`chip state ${tone}`} title={title}>
      {state === 'live' && percent !== '' ? 'rebuilding' : state}
      {percent}
    </span>
  );
}
