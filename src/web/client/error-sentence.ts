/** What is stored of an error, as one sentence. Pure. */
export function errorSentence(error: unknown): string {
  if (typeof error === 'string' && error !== '') return error;
  const message: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : undefined;
  return typeof message === 'string' && message !== '' ? message : 'The reason is not known.';
}
