/** Why a contact entered or left, in words. Pure. */
import { reasonText } from '../part/reason-text.ts';

interface Cause {
  readonly reason: string;
  readonly version: number | null;
  /** What changed and which row of the condition that concerns, where both are known. */
  readonly cause?: { readonly relation: string | null; readonly leaf: string | null } | null;
}

export function causeText({ reason, version, cause }: Cause): string {
  if (reason === 'edit')
    return version === 1 ? 'by the first build' : version === null ? 'by an edit' : `by version ${version}`;
  const relation = reason === 'related' ? cause?.relation : undefined;
  const changed = typeof relation === 'string' ? `rows of ${relation} changed` : reasonText(reason);
  return `because ${changed}${typeof cause?.leaf !== 'string' ? '' : `: ${cause.leaf}`}`;
}

/** The same in the column of a table whose head says "because of". */
export function causeNoun({ reason, version }: Cause): string {
  if (reason !== 'edit') return reasonText(reason);
  return version === 1 ? 'first build' : version === null ? 'an edit' : `version ${version}`;
}
