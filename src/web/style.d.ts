/** Styles are imported for esbuild, which puts them into the page's style sheet. */
declare module '*.css';
