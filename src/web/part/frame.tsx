/** The frame around every page: where one can go, who one is, and whether the server answers. */
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect } from 'preact/hooks';
import type { Me } from '../client/api.ts';
import { startLive } from '../client/live.ts';
import { mayAdmin, MeContext } from '../client/me-context.ts';
import { ConnectionNote } from './connection-note.tsx';
import { PersonMenu } from './person-menu.tsx';
import { ShortcutHelp } from './shortcut-help.tsx';
import './frame.css';

/** Where one can go from everywhere. */
const PLACES = [
  { path: '/segments', name: 'Segments', admin: false },
  { path: '/contacts', name: 'Contacts', admin: false },
  { path: '/compare', name: 'Compare', admin: false },
  { path: '/status', name: 'Status', admin: false },
  { path: '/audit', name: 'Audit', admin: true },
] as const;

export function Frame({ me, children }: { readonly me: Me; readonly children: ComponentChildren }) {
  const { path } = useLocation();
  useEffect(() => startLive(), []);
  const places = PLACES.filter(({ admin }) => !admin || mayAdmin(me));
  const isHere = (place: string): boolean =>
    path === place || path.startsWith(`${place}/`) || (path === '/' && place === '/segments');
  return (
    <MeContext.Provider value={me}>
      <div class="frame">
        <a class="skip" href="#main" onClick={skipToMain}>
          Skip to the content
        </a>
        <header class="bar">
          <nav aria-label="Pages">
            {places.map((place) => (
              <a key={place.path} href={place.path} aria-current={isHere(place.path) ? 'page' : undefined}>
                {place.name}
              </a>
            ))}
          </nav>
          <span class="grow" />
          <ShortcutHelp />
          <PersonMenu me={me} />
        </header>
        <ConnectionNote />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </MeContext.Provider>
  );
}

/** The hash of the address belongs to the pages. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}
