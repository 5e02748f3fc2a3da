/** What doctor says about one thing. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly sentence: string;
  /** What to run. */
  readonly fix?: string;
}
