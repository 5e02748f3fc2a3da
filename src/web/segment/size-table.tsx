/** The sizes in numbers, for those who do not see the chart or want to copy them. */
import { numberText } from '../client/number-text.ts';
import type { SizePoint } from './size-scale.ts';

const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });

export function SizeTable({ points }: { readonly points: readonly SizePoint[] }) {
  return (
    <details class="size-table">
      <summary>Sizes as a table</summary>
      <div role="region" aria-label="Sizes" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col">Members at its end</th>
              <th scope="col">Entered</th>
              <th scope="col">Left</th>
            </tr>
          </thead>
          <tbody>
            {points
              .slice(1)
              .toReversed()
              .map(({ at, members, entered, left }) => (
                <tr key={at}>
                  <th scope="row">{DAY.format(at * 1000 - 1)}</th>
                  <td>{numberText(members)}</td>
                  <td>{numberText(entered)}</td>
                  <td>{numberText(left)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
