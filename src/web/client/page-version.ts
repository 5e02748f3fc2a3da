/** Which version of the page this is: its files have names that change with what they hold. */

/** Whether the server has another version than this one. @throws when it does not answer */
export async function hasNewerPage(): Promise<boolean> {
  const answer = await fetch('/', { headers: { accept: 'text/html' }, cache: 'no-store' });
  if (!answer.ok) throw new Error('The server does not answer.');
  const html = await answer.text();
  const script = document.querySelector('script[type=module]')?.getAttribute('src') ?? '';
  return !html.includes(`"${script}"`);
}
