/** Who one is, what one may do, and how to leave. */
import { useEffect, useRef } from 'preact/hooks';
import type { Me } from '../client/api.ts';

const MAY = {
  viewer: 'You can look at segments and their members.',
  editor: 'You can look at segments and change them.',
  admin: 'You can do everything.',
} as const satisfies Record<Me['role'], string>;

export function PersonMenu({ me }: { readonly me: Me }) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || menu.current?.open !== true) return;
      menu.current.open = false;
      menu.current.querySelector('summary')?.focus();
    };
    const onPress = (event: Event): void => {
      const { current } = menu;
      if (current?.open === true && event.target instanceof Node && !current.contains(event.target))
        current.open = false;
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('pointerdown', onPress);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('pointerdown', onPress);
    };
  }, []);
  return (
    <details class="menu" ref={menu}>
      <summary>
        <span dir="auto">{me.name}</span> ({me.role})
      </summary>
      <div class="menu-sheet">
        <p class="quiet">{MAY[me.role]}</p>
        {me.sign_out && (
          <form method="post" action="/sign-out">
            <button>Sign out</button>
          </form>
        )}
      </div>
    </details>
  );
}
