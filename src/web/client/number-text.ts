/** Numbers as people read them. Pure. */
const WHOLE = new Intl.NumberFormat('en');
const SHARE = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const SIGNED = new Intl.NumberFormat('en', { signDisplay: 'exceptZero' });

export function numberText(value: number): string {
  return WHOLE.format(value);
}

/** `+12`, `−3`, `0`. */
export function changeText(value: number): string {
  return SIGNED.format(value).replace('-', '−');
}

/** @param share 0 to 1. A share that is not nothing is never shown as 0 %, and one that is not all never as 100 %. */
export function shareText(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1%';
  if (share < 1 && share > 0.999) return '> 99.9%';
  return SHARE.format(share);
}

/** `1 segment`, `1,200 segments`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}
