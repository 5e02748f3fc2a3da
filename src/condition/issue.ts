/** What is wrong with a condition, in the words of its author. A check reports all issues, never the first only. */
export interface Issue {
  /** Stable machine name, e.g. `unknown-field`, `wrong-type`, `empty-group`, `too-deep`. */
  readonly code: string;
  /** JSON pointer (RFC 6901) into the condition, `""` for the whole. */
  readonly pointer: string;
  readonly message: string;
  /** What to do instead. */
  readonly hint?: string;
}
