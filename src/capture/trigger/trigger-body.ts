/**
 * What a trigger function does: it appends what changed to the outbox (rule W and I1 of src/PROTOCOL.md). It must never
 * make the team's statement fail, whatever happened to the table since. The team may even rename the schema segmentd_internal.
 * Then every name of ours is unknown, so no declaration uses one. Each first look at a row mentions our domain, and so
 * it fails; "everything in this source" then goes to the schema where the function itself stands.
 */
import { sql, type Fragment } from '../../compile/fragment.ts';
import type { SourceTable } from '../source.ts';
import type { CaptureKind } from '../../catalogue/catalogue.ts';
import type { Operation } from './operation.ts';
import { appendEverything, type BodyOptions } from './outbox-row.ts';
import { replicatedRowBody } from './replicated-row-body.ts';
import { rowBody } from './row-body.ts';
import { statementBody } from './statement-body.ts';

/** The PL/pgSQL body of the function for one operation. `kind` counts for an insert, an update and a delete. */
export function triggerBody(
  source: SourceTable,
  operation: Operation,
  kind: CaptureKind,
  options: BodyOptions,
): Fragment {
  if (operation === 'row') return replicatedRowBody(source, options);
  if (operation === 'truncate') return truncateBody(source, options);
  return kind === 'row' ? rowBody(source, operation, options) : statementBody(source, operation, options);
}

function truncateBody(source: SourceTable, options: BodyOptions): Fragment {
  return sql`
declare
  rang boolean;
begin
  ${appendEverything(source, options)}
  return null;
end
`;
}
