/** Frames of the live view as a person sees them: painted by the view's own painter on a screen. */
import { ENTER, Painter } from '../../src/dev/view/painter.ts';
import type { Frame } from '../../src/dev/view/view-frame.ts';
import type { ViewSegment, ViewSnapshot } from '../../src/dev/view/view-model.ts';
import { TestScreen } from './screen.ts';

export async function drawn(
  { rows }: Pick<Frame, 'rows'>,
  size: { readonly columns: number; readonly rows: number },
): Promise<TestScreen> {
  const screen = new TestScreen(size);
  screen.write(ENTER + new Painter().paint(rows));
  await screen.lines();
  return screen;
}

export async function seen(frame: Pick<Frame, 'rows'>, size: { columns: number; rows: number }): Promise<string[]> {
  const screen = await drawn(frame, size);
  try {
    return await screen.lines();
  } finally {
    screen.dispose();
  }
}

export const VIEW_SEGMENTS: readonly ViewSegment[] = [
  {
    key: 'loyal',
    name: 'Loyal buyers',
    sentence: 'the number of rows of orders where (status is paid) is at least 3 and country is ES or PT',
    state: 'live',
    members: 12_345,
    entered: 3,
    left: 1,
  },
  {
    key: 'café_lovers',
    sentence: 'category is café',
    state: 'building',
    members: 0,
    entered: 0,
    left: 0,
    progress: 0.5,
  },
];

export const VIEW_SNAPSHOT: ViewSnapshot = {
  segments: VIEW_SEGMENTS,
  lag: 12,
  backlog: 1_000,
  events: [
    { id: '2', at: '12:00:01', segment: 'loyal', contact: '42', kind: 'left', reason: 'related' },
    { id: '1', at: '12:00:00', segment: 'loyal', contact: '41', kind: 'entered', reason: 'contact' },
  ],
};

/** As many segments as asked, all alike. */
export function manySegments(count: number): readonly ViewSegment[] {
  return Array.from({ length: count }, (_, at) => ({
    key: `segment_${String(at).padStart(2, '0')}`,
    name: `Number ${at}`,
    sentence: `points is at least ${at}`,
    state: 'live',
    members: at,
    entered: 0,
    left: 0,
  }));
}
