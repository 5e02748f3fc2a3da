/** What is wrong with the installation, and the command that fixes it. For admins; the check takes a moment, so that it has its own button. */
import { answered } from '../client/api-failure.ts';
import { getFindings, type Finding } from '../client/api.ts';
import { countText } from '../client/number-text.ts';
import { useQuery } from '../client/query.ts';
import { CopyButton } from './copy-button.tsx';
import { FailureNote } from './failure-note.tsx';
import { Skeleton } from './skeleton.tsx';

const LEVEL = {
  fail: { tone: 'bad', word: 'wrong' },
  warn: { tone: 'warn', word: 'look at' },
  ok: { tone: 'good', word: 'fine' },
} as const satisfies Record<Finding['level'], { readonly tone: string; readonly word: string }>;

export function FindingList() {
  const findings = useQuery({
    queryKey: ['findings'],
    queryFn: ({ signal }) => answered(getFindings({ signal })),
    staleTime: 60_000,
    meta: { live: 'own' },
  });
  const all = findings.data?.findings ?? [];
  const wrong = all.filter(({ level }) => level !== 'ok');
  const fine = all.filter(({ level }) => level === 'ok');
  return (
    <section aria-labelledby="findings-title" class="panel" aria-busy={findings.isFetching}>
      <div class="panel-head">
        <h2 id="findings-title">The installation</h2>
        <button
          type="button"
          class="small"
          disabled={findings.isFetching}
          onClick={() => void findings.refetch({ cancelRefetch: false })}
        >
          {findings.isFetching ? 'Checking…' : 'Check again'}
        </button>
      </div>
      {findings.error && <FailureNote error={findings.error} again={() => void findings.refetch()} />}
      {findings.isPending && <Skeleton rows={3} height={40} />}
      {findings.data && wrong.length === 0 && <p class="quiet">Everything is as it should be.</p>}
      {wrong.length > 0 && (
        <ul class="plain-list">
          {wrong.map((finding) => (
            <FindingRow key={finding.sentence} finding={finding} />
          ))}
        </ul>
      )}
      {fine.length > 0 && (
        <details>
          <summary>{countText(fine.length, 'check')} found nothing wrong</summary>
          <ul class="plain-list">
            {fine.map((finding) => (
              <FindingRow key={finding.sentence} finding={finding} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function FindingRow({ finding: { level, sentence, fix } }: { readonly finding: Finding }) {
  const { tone, word } = LEVEL[level];
  return (
    <li class="finding">
      <span>
        <span class={`chip state ${tone}`}>{word}</span>
      </span>
      <p>{sentence}</p>
      {fix !== undefined && (
        <div class="fix">
          <code>{fix}</code> <CopyButton text={fix} what="what fixes it" />
        </div>
      )}
    </li>
  );
}
