/** What is wrong with a condition, in the words of the person who wrote it. All issues are reported, never the first only. */
export interface Issue {
  /** Stable machine name, e.g. `unknown-field`, `wrong-type`, `empty-group`, `too-deep`. */
  readonly code: string;
  /** JSON pointer (RFC 6901) into the condition, `""` for the whole. */
  readonly pointer: string;
  readonly message: string;
  /** What to do instead, when we can tell. */
  readonly hint?: string;
}
