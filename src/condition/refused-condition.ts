/**
 * The error of a condition that is refused. It carries every issue, never the first only. Code that can go on returns issues
 * instead (issue.ts); this error is for callers who asked for a result.
 */
import { Failure, type FailureCode } from '../base/error.ts';
import type { Issue } from './issue.ts';

export class RefusedCondition extends Failure {
  override readonly name = 'RefusedCondition';
  /** In the order of the condition; of a folder, file by file. */
  readonly issues: readonly Issue[];

  /** @param options.code `usage` by default; `failed` when the condition was accepted before and no longer fits the tables */
  constructor(
    sentence: string,
    issues: readonly Issue[],
    options: { readonly code?: FailureCode; readonly cause?: unknown } = {},
  ) {
    super(options.code ?? 'usage', sentence, options.cause === undefined ? {} : { cause: options.cause });
    this.issues = issues;
  }
}

/** The error of these issues of one condition: the same sentence wherever a condition is refused. */
export function refusedFor(issues: readonly Issue[]): RefusedCondition {
  const [first, ...others] = issues;
  const sentence =
    others.length > 0
      ? `The condition is refused for ${issues.length} reasons.`
      : first?.code === 'unknown-timezone'
        ? `${first.message.slice(0, -1)}; ${first.hint ?? ''}.`
        : 'The condition is refused.';
  return new RefusedCondition(sentence, issues);
}
