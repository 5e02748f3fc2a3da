/**
 * One frame of the live view: heading, state, segments, events, in the size of the terminal. Pure: a snapshot in, rows out.
 * Commands are never cut: they wrap in the terminal itself, which copies them as one line.
 */
import { textWidth, wrapText } from '../../base/text-width.ts';
import { visible } from '../../base/visible.ts';
import { listTitle, segmentList } from './segment-list.ts';
import { pageText } from './plain-line.ts';
import { lagText, lineOf, numberText, paints, type Cell, type Paints } from './view-line.ts';
import type { ViewEvent, ViewHeading, ViewSnapshot, ViewStep } from './view-model.ts';

export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  readonly heading: ViewHeading;
  /** Whether keys are heard. */
  readonly keys: boolean;
  readonly selected: number;
  /** Index of the first segment shown in the frame before. */
  readonly top: number;
  /** The last line of the log, or why there is no snapshot. */
  readonly message?: string;
}

/** A text at the left edge. It takes `height` rows of the terminal; more than one when the terminal wraps it. */
export interface FrameRow {
  readonly text: string;
  readonly height: number;
}

export interface Frame {
  readonly rows: readonly FrameRow[];
  readonly top: number;
  /** How many segments are shown: what a page is. */
  readonly shown: number;
}

/** Fewer rows than that show no next step. */
const ROOMY = 18;

export function frame(snapshot: ViewSnapshot | undefined, options: FrameOptions): Frame {
  const { columns, rows, heading } = options;
  const look = paints(options.color);
  const step = rows < ROOMY ? undefined : heading.nextStep;
  const head: FrameRow[] = [
    line(titleCells(options, look), columns),
    ...(heading.page ? [command(pageText(heading.page()), columns)] : []),
    command(heading.connect, columns),
    ...(step ? stepRows(step, columns, look) : []),
    line(stateCells(snapshot, options, look), columns),
  ];
  if (!snapshot) return { rows: withinRows(head, options), top: 0, shown: 0 };
  const { segments } = snapshot;
  head.push({ text: listTitle(segments, columns, look), height: 1 });
  const left = rows - heightOf(head);
  const eventRoom = Math.min(snapshot.events.length, Math.max(0, Math.min(Math.floor(left / 4), left - 6)));
  const room = Math.max(1, left - (eventRoom > 0 ? eventRoom + 1 : 0));
  const list = (of: number) =>
    segmentList(segments, { columns, room: of, selected: options.selected, top: options.top, paints: look });
  let shown = list(room);
  const cut = shown.shown < segments.length;
  if (cut) shown = list(Math.max(1, room - 1)); // a line for how many are left out
  const more = segments.length - shown.top - shown.shown;
  const all = [
    ...head,
    ...shown.lines.map((text) => ({ text, height: 1 })),
    ...(cut ? [line([{ text: outsideText(shown.top, more), paint: look.dim }], columns)] : []),
  ];
  const eventRows = rows - heightOf(all) - 1;
  const events = snapshot.events.slice(0, Math.max(0, eventRows));
  if (events.length > 0)
    all.push({ text: '', height: 1 }, ...events.map((event) => line(eventCells(event, look), columns)));
  return { rows: withinRows(all, options), top: shown.top, shown: shown.shown };
}

function titleCells({ columns, heading, keys }: FrameOptions, { bold, dim }: Paints): readonly Cell[] {
  const hint = keys ? '? help  q quit' : 'Ctrl-C ends';
  const name = 'segmentd dev';
  const room = columns - name.length - hint.length - 1;
  let title = '';
  for (const part of heading.title) {
    const longer = `${title} · ${visible(part)}`;
    if (textWidth(longer) > room) break;
    title = longer;
  }
  return [
    { text: name, columns: name.length, paint: bold },
    { text: title, columns: Math.max(1, room), paint: dim },
    { text: ` ${hint}` },
  ];
}

function stateCells(snapshot: ViewSnapshot | undefined, options: FrameOptions, { yellow }: Paints): readonly Cell[] {
  if (options.message !== undefined) return [{ text: options.message, paint: yellow }];
  if (!snapshot) return [{ text: 'reading the segments' }];
  const members = snapshot.segments.reduce((sum, segment) => sum + segment.members, 0);
  const parts = [
    `lag ${lagText(snapshot.lag)}`,
    `backlog ${numberText(snapshot.backlog)}`,
    `segments ${numberText(snapshot.segments.length)}`,
    `members ${numberText(members)}`,
  ];
  return [{ text: parts.join(options.columns < 64 ? '  ' : '   ') }];
}

function eventCells({ at, kind, contact, segment, reason }: ViewEvent, { dim, green, red }: Paints): readonly Cell[] {
  return [
    { text: `${at} `, columns: at.length + 1, paint: dim },
    { text: kind === 'entered' ? '+ ' : '− ', columns: 2, paint: kind === 'entered' ? green : red },
    { text: `${contact} ${kind} ${segment} (${reason})` },
  ];
}

function outsideText(above: number, below: number): string {
  const parts = [...(above > 0 ? [`↑ ${above} more above`] : []), ...(below > 0 ? [`↓ ${below} more below`] : [])];
  return parts.join('   ');
}

/** What keys and columns mean, and commands for a second terminal. */
export function helpFrame(options: FrameOptions): Frame {
  const { columns, heading } = options;
  const look = paints(options.color);
  const { bold, dim } = look;
  const keyColumn = 14;
  const title = (text: string): FrameRow => line([{ text, paint: bold }], columns);
  const about = (name: string, text: string): FrameRow[] =>
    wrapText(text, columns - keyColumn - 2).map((part, at) =>
      line(
        [
          { text: '', columns: 2 },
          { text: at === 0 ? name : '', columns: keyColumn },
          { text: part, paint: dim },
        ],
        columns,
      ),
    );
  const rows = [
    title('Keys'),
    ...about('↑ ↓  k j', 'the segment above, below'),
    ...about('PgUp PgDn', 'a page up, down'),
    ...about('Home End  g G', 'the first segment, the last'),
    ...about('?', 'this page; any key leaves it'),
    ...about('q  Ctrl-C', 'end everything'),
    title('Words'),
    ...about('members', 'contacts in the segment now'),
    ...about('in, out', 'contacts that entered and left in the last minute'),
    ...about('lag', 'age of the oldest change that is not in membership yet'),
    ...about('backlog', 'changes and rechecks that wait'),
    title('In a second terminal'),
    command(heading.connect, columns),
    ...[...(heading.nextStep ? [heading.nextStep] : []), ...(heading.more ?? [])].flatMap((step) =>
      stepRows(step, columns, look),
    ),
  ];
  return { rows: withinRows(rows, options), top: options.top, shown: 0 };
}

function line(cells: readonly Cell[], columns: number): FrameRow {
  return { text: lineOf(cells, columns), height: 1 };
}

function stepRows(step: ViewStep, columns: number, { dim }: Paints): readonly FrameRow[] {
  const label = wrapText(visible(step.label), columns);
  return [...label.map((text) => line([{ text, paint: dim }], columns)), command(step.command, columns)];
}

/** Whole, in as many rows as the terminal breaks it into. */
function command(text: string, columns: number): FrameRow {
  const clean = visible(text);
  return { text: clean, height: Math.max(1, Math.ceil(textWidth(clean) / columns)) };
}

function heightOf(rows: readonly FrameRow[]): number {
  return rows.reduce((sum, row) => sum + row.height, 0);
}

/** A command that does not fit whole is left out, so that nothing scrolls. */
function withinRows(rows: readonly FrameRow[], { rows: room }: FrameOptions): readonly FrameRow[] {
  const fitting: FrameRow[] = [];
  let used = 0;
  for (const row of rows) {
    if (used + row.height > room) break;
    fitting.push(row);
    used += row.height;
  }
  return fitting;
}
