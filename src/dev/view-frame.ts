/**
 * What the live view shows, as text: a frame for a terminal, lines for anything else. Pure: numbers in, lines out.
 * Every line is cut to the terminal's width and a frame to its height, else the redraw would scroll.
 */
import { visible } from '../base/visible.ts';

/** One moment of the running system. All plain data; the caller of the view reads it. */
export interface ViewSnapshot {
  readonly segments: readonly ViewSegment[];
  /** Age of the oldest change that is not yet in membership; 0 when nothing is pending. Milliseconds. */
  readonly lag: number;
  /** Changes and rechecks that wait. */
  readonly backlog: number;
  /** Latest first. */
  readonly events: readonly ViewEvent[];
}

export interface ViewSegment {
  readonly key: string;
  readonly state: string;
  readonly members: number;
  /** In the last minute. */
  readonly entered: number;
  readonly left: number;
  /** Of a rebuild under way, 0 to 1. */
  readonly progress?: number;
}

export interface ViewEvent {
  /** Rises with time, so that a new event differs from a printed one. */
  readonly id: string;
  /** Clock time as it is to be shown, `12:34:56`. */
  readonly at: string;
  readonly segment: string;
  readonly contact: string;
  readonly kind: 'entered' | 'left';
  readonly reason: string;
}

export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  /** Lines that stay on top: what runs, how to connect. */
  readonly heading: readonly string[];
}

type Paint = (text: string) => string;

function paints(color: boolean): { dim: Paint; bold: Paint; green: Paint; red: Paint; yellow: Paint } {
  const paint = (code: number): Paint => (color ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text);
  return { dim: paint(2), bold: paint(1), green: paint(32), red: paint(31), yellow: paint(33) };
}

// Wide enough for what the samples hold: combining marks take no column, East Asian and emoji take two.
const ZERO = /^\p{Mark}|\u200d$/u;
const WIDE =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}$/u;

function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

/** Exactly `columns` wide; what is too long ends in an ellipsis. Control characters of a key are made visible. */
export function fit(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const clean = visible(text);
  const gap = columns - width(clean);
  if (gap >= 0) return side === 'left' ? clean + ' '.repeat(gap) : ' '.repeat(gap) + clean;
  let cut = '';
  for (const character of clean) {
    if (width(cut) + width(character) > columns - 1) break;
    cut += character;
  }
  return `${cut}…${' '.repeat(Math.max(0, columns - 1 - width(cut)))}`;
}

const NUMBER = new Intl.NumberFormat('en-US');

export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.floor((milliseconds % 60_000) / 1_000)} s`;
}

/** `[██████░░░░] 60 %` */
export function bar(progress: number, columns: number): string {
  const part = Math.min(1, Math.max(0, progress));
  const full = Math.round(part * columns);
  return `[${'█'.repeat(full)}${'░'.repeat(columns - full)}] ${fit(`${Math.floor(part * 100)}`, 3, 'right')} %`;
}

function flow(segment: ViewSegment): { entered: string; left: string } {
  return {
    entered: segment.entered > 0 ? `+${segment.entered}` : '·',
    left: segment.left > 0 ? `−${segment.left}` : '·',
  };
}

/** Lines of one frame, none wider than `columns`, at most `rows`. */
export function frame(snapshot: ViewSnapshot, options: FrameOptions): string[] {
  const { dim, bold, green, red, yellow } = paints(options.color);
  const columns = Math.max(40, options.columns);
  const keyWidth = Math.min(28, Math.max(10, columns - 50));
  const lines = [...options.heading.map((line) => fit(line, columns)), ''];
  lines.push(
    fit(
      `lag ${duration(snapshot.lag)}   backlog ${NUMBER.format(snapshot.backlog)}   segments ${snapshot.segments.length}`,
      columns,
    ),
    '',
    bold(
      fit(
        `${fit('segment', keyWidth)} ${fit('members', 9, 'right')} ${fit('in/min', 7, 'right')} ${fit('out/min', 7, 'right')}  state`,
        columns,
      ),
    ),
  );
  const room = Math.max(3, options.rows - lines.length - 3);
  const eventRoom = snapshot.segments.length + 8 <= room ? room - snapshot.segments.length : Math.floor(room / 3);
  const shown = snapshot.segments.slice(0, room - eventRoom);
  for (const segment of shown) {
    const { entered, left } = flow(segment);
    const start = `${fit(segment.key, keyWidth)} ${fit(NUMBER.format(segment.members), 9, 'right')} `;
    const used = keyWidth + 9 + 2 + 7 + 1 + 7 + 2;
    const end =
      segment.progress === undefined
        ? segment.state
        : `${segment.state} ${bar(segment.progress, columns < 90 ? 5 : 10)}`;
    const state = fit(end, Math.max(1, columns - used));
    lines.push(
      `${start}${(segment.entered > 0 ? green : dim)(fit(entered, 7, 'right'))} ${(segment.left > 0 ? red : dim)(fit(left, 7, 'right'))}  ` +
        (segment.state === 'live' ? dim(state) : yellow(state)),
    );
  }
  if (shown.length < snapshot.segments.length)
    lines.push(dim(fit(`… ${snapshot.segments.length - shown.length} more`, columns)));
  lines.push('');
  for (const event of snapshot.events.slice(0, Math.max(0, options.rows - lines.length - 1))) {
    const sign = event.kind === 'entered' ? green('+') : red('−');
    lines.push(
      `${dim(event.at)} ${sign} ${fit(`${event.contact} ${event.kind} ${event.segment} (${event.reason})`, columns - event.at.length - 3)}`,
    );
  }
  return lines.slice(0, Math.max(1, options.rows - 1));
}

/** One line that sums up a moment, for logs. */
export function summaryLine(snapshot: ViewSnapshot): string {
  const members = snapshot.segments.reduce((sum, segment) => sum + segment.members, 0);
  const entered = snapshot.segments.reduce((sum, segment) => sum + segment.entered, 0);
  const left = snapshot.segments.reduce((sum, segment) => sum + segment.left, 0);
  const building = snapshot.segments.filter((segment) => segment.progress !== undefined);
  const builds = building.map(
    (segment) => `${fit(segment.key, 40).trimEnd()} ${Math.floor((segment.progress ?? 0) * 100)} %`,
  );
  return (
    `${snapshot.segments.length} segments, ${NUMBER.format(members)} members, ${entered} entered and ${left} left in the last minute, ` +
    `lag ${duration(snapshot.lag)}, backlog ${NUMBER.format(snapshot.backlog)}` +
    (builds.length > 0 ? `, building ${builds.join(', ')}` : '')
  );
}

/** One line for each segment: the table that stays when the view has ended. */
export function tableLines(snapshot: ViewSnapshot): string[] {
  const keyWidth = Math.max(7, ...snapshot.segments.map((segment) => width(visible(segment.key))));
  return [
    `${fit('segment', keyWidth)}  ${fit('members', 9, 'right')}  state`,
    ...snapshot.segments.map(
      (segment) =>
        `${fit(segment.key, keyWidth)}  ${fit(NUMBER.format(segment.members), 9, 'right')}  ${segment.state}`,
    ),
  ];
}
