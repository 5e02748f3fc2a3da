/**
 * The head of a page: its heading, the title of the window, and what one can do. The heading takes the focus when a person comes from
 * another page, so that a screen reader says where it is.
 */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

let isFirstPage = true;

interface PageHeadProps {
  readonly title: string;
  /** What stands before the title and leads back. */
  readonly from?: { readonly path: string; readonly name: string };
  readonly children?: ComponentChildren;
}

export function PageHead({ title, from, children }: PageHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    document.title = `${title} · segmentd`;
  }, [title]);
  useLayoutEffect(() => {
    if (!isFirstPage) heading.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, []);
  return (
    <div class="head">
      {from && (
        <>
          <a href={from.path}>{from.name}</a>
          <span class="quiet" aria-hidden="true">
            /
          </span>
        </>
      )}
      <h1 ref={heading} tabIndex={-1} dir="auto">
        {title}
      </h1>
      {children}
    </div>
  );
}
