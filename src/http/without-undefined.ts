/** Bodies without the fields that were left out: an absent field and a field that is `undefined` are not the same here. */

type Given<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

export function withoutUndefined<T extends object>(value: T): Partial<Given<T>> & Pick<Given<T>, RequiredKeys<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<Given<T>> &
    Pick<Given<T>, RequiredKeys<T>>;
}

type RequiredKeys<T> = { [Key in keyof T]-?: undefined extends T[Key] ? never : Key }[keyof T];
