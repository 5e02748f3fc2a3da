/** E-mail addresses in what a person gave, where it is said again: messages end in logs, tickets and `segment.error`. */
export function masked(text: string): string {
  return text.replaceAll(/[^\s"'<>@]+@[^\s"'<>@]+/g, '…@…');
}
