/** The processes that keep members up to date. */
import type { Worker } from '../client/api.ts';
import { CopyButton } from './copy-button.tsx';
import { Moment } from './moment.tsx';

const COMMAND = 'segmentd run';

export function WorkerTable({ workers }: { readonly workers: readonly Worker[] }) {
  return (
    <section aria-labelledby="workers-title" class="panel">
      <h2 id="workers-title">Workers</h2>
      {workers.length === 0 ? (
        <div class="note warn">
          No worker runs: members stand still. A worker starts with <code>{COMMAND}</code>{' '}
          <CopyButton text={COMMAND} what="the command" />
        </div>
      ) : (
        <div class="wide-table">
          <table class="plain-table cards">
            <thead>
              <tr>
                <th scope="col">Machine</th>
                <th scope="col">Process</th>
                <th scope="col">Version</th>
                <th scope="col">Runs since</th>
                <th scope="col">Queue</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <tr key={worker.id}>
                  <td>{worker.host}</td>
                  <td>{worker.pid}</td>
                  <td>{worker.version}</td>
                  <td>
                    <Moment at={worker.started_at} />
                  </td>
                  <td>{worker.queue ? `${worker.queue.backend} (${worker.queue.place})` : 'none'}</td>
                  <td>
                    <WorkerState worker={worker} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Seconds of silence after which a worker may be dead. */
const SILENT = 10;

function WorkerState({ worker: { silent_for: silence, current } }: { readonly worker: Worker }) {
  if (silence > SILENT) return <span class="chip state warn">silent for {Math.round(silence)} s</span>;
  return current ? <span class="chip state good">works</span> : <span class="chip state">reads the latest edits</span>;
}
