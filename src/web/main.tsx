/** Starts the page. */
import { render } from 'preact';
import { App } from './page/app.tsx';
import './style/page.css';

const place = document.querySelector('#page');
if (place) render(<App />, place);
