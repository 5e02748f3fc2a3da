/** The live view as plain lines, for anything but a terminal: logs, pipes, CI. Pure. */
import { fitText, textWidth } from '../../base/text-width.ts';
import { visible } from '../../base/visible.ts';
import { lagText, numberText, percentText } from './view-line.ts';
import type { ViewHeading, ViewSnapshot } from './view-model.ts';

/** @param link opens the page in a browser */
export function pageText(link: string): string {
  return `open the page: ${link}`;
}

export function headingLines({ title, page, connect, nextStep, more = [] }: ViewHeading): readonly string[] {
  return [
    ['segmentd dev', ...title, 'Ctrl-C ends everything'].join(' · '),
    ...(page ? [pageText(page())] : []),
    connect,
    ...[...(nextStep ? [nextStep] : []), ...more].flatMap((step) => [step.label, step.command]),
  ].map(visible);
}

/** One line that sums up a moment. */
export function summaryLine(snapshot: ViewSnapshot): string {
  const sum = (of: 'members' | 'entered' | 'left'): number =>
    snapshot.segments.reduce((all, segment) => all + segment[of], 0);
  const builds = snapshot.segments
    .filter((segment) => segment.progress !== undefined)
    .map((segment) => `${segment.key} ${percentText(segment.progress ?? 0)}`);
  return visible(
    `${snapshot.segments.length} segments, ${numberText(sum('members'))} members, ${sum('entered')} entered and ${sum('left')} left in the last minute, ` +
      `lag ${lagText(snapshot.lag)}, backlog ${numberText(snapshot.backlog)}` +
      (builds.length > 0 ? `, building ${builds.join(', ')}` : ''),
  );
}

/** One line for each segment: the table that stays when the view has ended. */
export function tableLines(snapshot: ViewSnapshot): readonly string[] {
  const keyWidth = Math.max(7, ...snapshot.segments.map((segment) => textWidth(visible(segment.key))));
  return [
    `${fitText('segment', keyWidth)}  ${fitText('members', 9, 'right')}  state`,
    ...snapshot.segments.map(
      (segment) =>
        `${fitText(visible(segment.key), keyWidth)}  ${fitText(numberText(segment.members), 9, 'right')}  ${visible(segment.state)}`,
    ),
  ];
}
