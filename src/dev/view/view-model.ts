/** What the live view shows: plain data, read by dev-snapshot.ts and drawn by view-frame.ts. */

/** One moment of the running system. */
export interface ViewSnapshot {
  readonly segments: readonly ViewSegment[];
  /** Age of the oldest change that is not yet in membership; 0 when nothing is pending. Milliseconds. */
  readonly lag: number;
  /** Changes and rechecks that wait. */
  readonly backlog: number;
  /** Latest first. */
  readonly events: readonly ViewEvent[];
}

export interface ViewSegment {
  readonly key: string;
  readonly name?: string;
  /** Its condition in English. */
  readonly sentence?: string;
  readonly state: string;
  /** Why it does not follow its condition. */
  readonly problem?: string;
  readonly members: number;
  /** In the last minute. */
  readonly entered: number;
  readonly left: number;
  /** Of a rebuild under way, 0 to 1. */
  readonly progress?: number;
}

export interface ViewEvent {
  /** Rises with time, so that a new event differs from a printed one. */
  readonly id: string;
  /** Clock time as it is to be shown, `12:34:56`. */
  readonly at: string;
  readonly segment: string;
  readonly contact: string;
  readonly kind: 'entered' | 'left';
  readonly reason: string;
}

/** What stays on top. The commands are shown whole, so that they can be copied. */
export interface ViewHeading {
  /** What runs, such as `the sample shop`; the most important first. */
  readonly title: readonly string[];
  /** Opens the page in a browser; read at each frame, because a link opens one browser. */
  readonly page?: () => string;
  /** Connects a client to the database. */
  readonly connect: string;
  readonly nextStep?: ViewStep;
  /** Commands for the page of help. */
  readonly more?: readonly ViewStep[];
}

/** A command, and what it is for. */
export interface ViewStep {
  readonly label: string;
  readonly command: string;
}
