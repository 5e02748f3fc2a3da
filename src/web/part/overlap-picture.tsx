/** Two segments as circles in proportion, with the numbers beside them. */
import type { Overlap } from '../client/api.ts';
import { countText, numberText, shareText } from '../client/number-text.ts';
import { overlapCircles } from './overlap-circle.ts';
import './overlap-picture.css';

const RADIUS = 80;
const EDGE = 4;

interface OverlapPictureProps {
  readonly overlap: Overlap;
  readonly names: readonly [string, string];
}

export function OverlapPicture({ overlap, names }: OverlapPictureProps) {
  const { first_members: first, second_members: second, both } = overlap;
  const { radius, distance } = overlapCircles([first, second], both, RADIUS);
  const left = Math.max(radius[0], radius[1] - distance);
  const width = left + Math.max(radius[0], distance + radius[1]);
  const words = `${names[0]}: ${countText(first, 'member')}. ${names[1]}: ${countText(second, 'member')}. In both: ${numberText(both)}.`;
  const shares = [
    { name: 'In both', side: '', count: both, of: `${shareText(overlap.similarity)} of all in either` },
    {
      name: `Only in ${names[0]}`,
      side: 'first',
      count: overlap.only_first,
      of: shareOf(overlap.only_first, first, names[0]),
    },
    {
      name: `Only in ${names[1]}`,
      side: 'second',
      count: overlap.only_second,
      of: shareOf(overlap.only_second, second, names[1]),
    },
    { name: `${names[0]} also in ${names[1]}`, side: 'first', count: both, of: shareOf(both, first, names[0]) },
    { name: `${names[1]} also in ${names[0]}`, side: 'second', count: both, of: shareOf(both, second, names[1]) },
  ];
  return (
    <div class="overlap">
      <svg
        class="overlap-picture"
        role="img"
        aria-label={words}
        viewBox={`${-EDGE} ${-EDGE} ${width + 2 * EDGE} ${2 * (RADIUS + EDGE)}`}
      >
        <title>{words}</title>
        <circle class="first" cx={left} cy={RADIUS} r={radius[0]} />
        <circle class="second" cx={left + distance} cy={RADIUS} r={radius[1]} />
      </svg>
      <dl class="figures" aria-live="polite">
        {shares.map(({ name, side, count, of }) => (
          <div key={name}>
            <dt dir="auto" class={side}>
              {name}
            </dt>
            <dd class="large">{numberText(count)}</dd>
            <dd>
              <small class="quiet" dir="auto">
                {of}
              </small>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function shareOf(part: number, all: number, name: string): string {
  return all === 0 ? `${name} has no members` : `${shareText(part / all)} of ${name}`;
}
