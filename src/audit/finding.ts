/** One finding of doctor, and the order of findings. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  /** What is wrong and why it matters, or what is well. */
  readonly sentence: string;
  /** The command that fixes it, or where no command does, the action. */
  readonly fix?: string;
}

const RANK = { fail: 0, warn: 1, ok: 2 } as const satisfies Record<Finding['level'], number>;

/** Findings of one level keep their order. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => RANK[a.level] - RANK[b.level]);
}
