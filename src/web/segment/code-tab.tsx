/** The condition as it is written, and the SQL that it became. */
import type { ComponentChildren } from 'preact';
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKeySql, type SegmentOutline } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { CopyButton } from '../part/copy-button.tsx';
import { FailureNote } from '../part/failure-note.tsx';
import { Skeleton } from '../part/skeleton.tsx';

export function CodeTab({ segment: { key, condition, kind, timezone } }: { readonly segment: SegmentOutline }) {
  const isListed = condition === null || condition === undefined;
  const sql = useQuery({
    queryKey: ['segment', key, 'sql'],
    queryFn: ({ signal }) => answered(getSegmentsByKeySql(key, { signal })),
    enabled: !isListed,
  });
  if (isListed) return <p class="quiet">A {kind} segment has no condition: its contacts are listed.</p>;
  return (
    <>
      <Code name="Condition" title="Condition (JsonLogic)" text={JSON.stringify(condition, null, 2)}>
        {timezone !== null && <span class="quiet">Days begin at midnight in {timezone}.</span>}
      </Code>
      {sql.error && !sql.data && <FailureNote error={sql.error} again={() => void sql.refetch()} />}
      {sql.isLoading && <Skeleton rows={4} height={24} />}
      {sql.data && (
        <Code name="SQL" title="SQL that lists the members" text={sql.data.rebuild.sql}>
          <span class="quiet">It runs in psql as it is.</span>
        </Code>
      )}
    </>
  );
}

interface CodeProps {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly children: ComponentChildren;
}

function Code({ name, title, text, children }: CodeProps) {
  return (
    <>
      <div class="toolbar">
        <h2>{title}</h2>
        {children}
        <span class="grow" />
        <CopyButton text={text} what={name} />
      </div>
      <pre class="code" tabIndex={0} role="region" aria-label={name}>
        {text}
      </pre>
    </>
  );
}
