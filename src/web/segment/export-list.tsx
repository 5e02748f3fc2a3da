/** Exports of a segment, the latest first: how far each has come, and why one failed. */
import { answered } from '../client/api-failure.ts';
import { useAction } from '../client/use-action.ts';
import { deleteExportsById, getSegmentsByKeyExports, type Export } from '../client/api.ts';
import { countText, numberText } from '../client/number-text.ts';
import { useInfiniteQuery } from '../client/query.ts';
import { bytesText } from '../part/bytes-text.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Instant } from '../part/instant.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { filePath } from './file-download.ts';
import { readAgain } from './entity.ts';
import { ShowMore } from '../part/show-more.tsx';
import '../part/panel.css';

interface Props {
  readonly segmentKey: string;
  readonly editable: boolean;
}

export function ExportList({ segmentKey: key, editable }: Props) {
  const found = useInfiniteQuery({
    queryKey: ['segment', key, 'exports'],
    queryFn: ({ signal, pageParam }) =>
      answered(
        getSegmentsByKeyExports(key, { limit: 20, ...(pageParam === null ? {} : { cursor: pageParam }) }, { signal }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(isOpen)) === true ? 1_000 : false,
  });
  const cancel = useAction(async (id: string) => {
    await answered(deleteExportsById(id));
    await readAgain(key);
  });
  if (found.error && !found.data) return <FailureNote error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Skeleton rows={3} height={36} />;
  const runs = found.data.pages.flatMap(({ items }) => items);
  if (runs.length === 0) return <p class="quiet">No file was made yet.</p>;
  return (
    <>
      {cancel.error && <FailureNote error={cancel.error} />}
      <div class="wide-table" role="region" aria-label="Files" tabIndex={0}>
        <table class="plain-table">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">By</th>
              <th scope="col">What</th>
              <th scope="col">State</th>
              <th scope="col">Rows</th>
              <th scope="col">Size</th>
              <th scope="col">
                <span class="hidden-text">Do</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id}>
                <td>
                  <Instant at={run.requested_at} />
                </td>
                <td dir="auto">{run.created_by ?? '–'}</td>
                <td dir="auto">{whatText(run)}</td>
                <td class="long">
                  <RunState run={run} />
                </td>
                <td class="number">{run.written === null ? '–' : numberText(run.written)}</td>
                <td class="number">{run.bytes === null ? '–' : bytesText(run.bytes)}</td>
                <td>
                  {editable && run.ready && (
                    <a href={filePath(run.id)} download="">
                      Download
                    </a>
                  )}
                  {editable && run.download && isOpen(run) && (
                    <button type="button" class="small" disabled={cancel.busy} onClick={() => void cancel.run(run.id)}>
                      Cancel<span class="hidden-text"> export {run.id}</span>
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ShowMore list={found} />
    </>
  );
}

function isOpen({ state }: Export): boolean {
  return state === 'waiting' || state === 'running';
}

function whatText({ format, gzip, delta, number, schedule, columns, file }: Export): string {
  return [
    `${(format ?? 'file').toUpperCase()}${gzip ? ', compressed' : ''}`,
    ...(delta === null ? [] : [`changes “${delta}”${number === null ? '' : `, file ${number}`}`]),
    ...(columns === null ? [] : [countText(columns.length, 'column')]),
    ...(schedule === null ? [] : [`schedule ${schedule}`]),
    ...(file === null ? [] : [file]),
  ].join(' · ');
}

function RunState({ run: { state, written, total, error, ready } }: { readonly run: Export }) {
  if (state === 'running')
    return (
      <label class="progress">
        <span class="hidden-text">Written</span>
        <progress value={total === null || total === 0 ? undefined : Math.min(written ?? 0, total)} max={total ?? 1} />
        <span class="number">
          {numberText(written ?? 0)}
          {total !== null && ` of ${numberText(total)}`}
        </span>
      </label>
    );
  if (state === 'failed')
    return (
      <>
        <span class="chip bad">failed</span> <span dir="auto">{error}</span>
      </>
    );
  if (state === 'waiting') return <span class="chip">{ready ? 'can be fetched' : 'waiting'}</span>;
  return <span class="chip good">done</span>;
}
