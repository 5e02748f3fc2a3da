// @ts-nocheck
/**
 * segmentd
 * 1
 * DO NOT MODIFY - This file has been generated using oazapfts.
 * See https://www.npmjs.com/package/oazapfts
 */
import * as Oazapfts from "@oazapfts/runtime";
import * as QS from "@oazapfts/runtime/query";
export const defaults: Oazapfts.Defaults<Oazapfts.CustomHeaders> = {
    headers: {},
    baseUrl: "/api/v1"
};
const oazapfts = Oazapfts.runtime(defaults);
export const servers = {
    server1: "/api/v1"
};
export type Index = {
    name: "segmentd";
    version: string;
    links: {
        [key: string]: string;
    };
};
export type Me = {
    name: string;
    role: "viewer" | "editor" | "admin";
    /** How the person came in. */
    by: "session" | "token" | "proxy";
    rights: {
        /** Write segments, overrides, exports and schedules. */
        edit: boolean;
        /** Read the audit and the findings, make tokens. */
        admin: boolean;
        /** Read the values of masked columns. Each reveal is noted in the audit. */
        reveal: boolean;
    };
    /** Whether `POST /sign-out` ends a session. */
    sign_out: boolean;
};
export type Segment = {
    key: string;
    name: string | null;
    description: string | null;
    kind: "dynamic" | "static" | "snapshot";
    /** JsonLogic. */
    condition?: any;
    timezone: string | null;
    tags: string[];
    state: "building" | "live" | "held" | "paused" | "invalid" | "failed" | "archived" | "deleted";
    wanted_state: "live" | "paused" | "archived" | "deleted";
    /** The version that is wanted. */
    version: number;
    /** The version that the members come from. */
    live_version: number | null;
    /** Why the wanted version is not followed. */
    error?: any;
    /** Exact. */
    members: number;
    /** ISO 8601 with microseconds, UTC. */
    created_at: string;
    /** ISO 8601 with microseconds, UTC. */
    updated_at: string;
    /** The person, where known; else the database role. */
    updated_by: string;
    /** The login of Postgres that wrote it. */
    database_role: string;
};
export type Need = {
    code: "held" | "invalid" | "failed" | "stale" | "late";
    sentence: string;
    /** A command of the command line that helps. */
    command: string | null;
} | null;
export type SegmentOutline = Segment & {
    /** The live version in English; null until it is validated. */
    sentence: string | null;
    /** Members now less members at `change_since`; null before the first build. */
    change_day: number | null;
    /** 24 hours ago. The beginning of yesterday (UTC) for a segment in which very many contacts moved yesterday. */
    change_since: string;
    /** Members at the end of each of the last 30 days (UTC), the oldest first; the last is now. */
    spark: number[];
    /** Everything before it is in the membership. */
    fresh_as_of: string | null;
    /** When a complete audit last compared the members with the data; null before, and after a rebuild. */
    proved_at: string | null;
    proof: {
        /** ISO 8601 with microseconds, UTC. */
        at: string;
        /** Contacts that were compared. */
        contacts: number;
        /** Found, and repaired. */
        differences: number;
    } | null;
    /** Of a running build, 0 to 1. */
    progress: number | null;
    /** Segments that read it, and schedules that export it. */
    used_by: number;
    needs: Need;
    edited_by: string;
    /** ISO 8601 with microseconds, UTC. */
    edited_at: string;
    /** `segmentd apply` wrote the wanted version from a file. */
    applied: boolean;
};
export type SegmentPage = {
    items: SegmentOutline[];
    /** Cursor of the next page. */
    next: string | null;
    /** Segments that fit, on all pages. */
    total: number;
    /** Those of them that need a person. */
    needs_total: number;
};
export type NewSegment = {
    name?: string | null;
    description?: string | null;
    timezone?: string | null;
    tags?: string[];
    kind?: "dynamic" | "static" | "snapshot";
    /** JsonLogic. */
    condition?: any;
    key: string;
    "of"?: string;
    reuse?: boolean;
};
export type BuilderNote = {
    pointer: string;
    message: string;
};
export type WrittenSegment = Segment & {
    /** What was read how, where a query builder wrote the condition; pointers lead into what was sent. Absent when the condition is as it was sent. */
    notes?: BuilderNote[];
};
export type SegmentEdit = {
    name?: string | null;
    description?: string | null;
    timezone?: string | null;
    tags?: string[];
    kind?: "dynamic" | "static" | "snapshot";
    /** JsonLogic. */
    condition?: any;
    /** Lets the edit through, however many members it moves. */
    confirm?: boolean;
};
export type WantedState = {
    state: "live" | "paused" | "archived";
};
export type Duplicate = {
    key: string;
};
export type Uses = {
    segments: {
        key: string;
        state: "building" | "live" | "held" | "paused" | "invalid" | "failed" | "archived" | "deleted";
        path: string[];
        wanted: boolean;
    }[];
    schedules: number[];
};
export type Version = {
    version: number;
    state: "proposed" | "accepted" | "held" | "invalid" | "superseded";
    /** ISO 8601 with microseconds, UTC. */
    created_at: string;
    /** The person, where known; else the database role. */
    created_by: string;
    /** The login of Postgres that wrote it. */
    database_role: string;
    /** Written from a file by `segmentd apply`. */
    applied: boolean;
    kind: "dynamic" | "static" | "snapshot";
    /** JsonLogic. */
    condition?: any;
    timezone: string | null;
    live: boolean;
    wanted: boolean;
    error?: any;
    /** What differs from the version before, in words. */
    changes: string[];
};
export type Versions = {
    versions: Version[];
};
export type Restoration = {
    confirm?: boolean;
};
export type Member = {
    contact_id: string;
    /** Null when the history no longer reaches back so far. */
    entered_at: string | null;
    /** `contact`: the contact changed. `related`: related rows did. `time`: a window ran out. `edit`: a version was built. `segment`: a segment that it reads changed. `manual`: an override. `delete`: the contact was deleted. `repair`: a rebuild. */
    reason: ("delete" | "manual" | "contact" | "related" | "segment" | "time" | "repair" | "edit" | null) | ("delete" | "manual" | "contact" | "related" | "segment" | "time" | "repair" | "edit" | null);
    /** The version by which the contact entered. */
    version: number | null;
    /** With `as_of`: when the contact left after that. */
    left_at: string | null;
    /** By the names of the columns; null where the contact has no value. Personal values are masked. */
    values: {
        [key: string]: string | null;
    };
};
export type MemberPage = {
    items: Member[];
    /** Cursor of the next page. */
    next: string | null;
    /** Set when a search looked for whole values alone, because parts took too long. */
    slow: {
        sentence: string;
        /** SQL that makes it fast. */
        command: string | null;
    } | null;
};
export type Moment = {
    /** ISO 8601 with microseconds, UTC. */
    at: string;
    /** Members at that instant, exact. */
    members: number;
    /** Members of now that were not in then. */
    new_since: number;
    /** Members of then that are not in now. */
    left_since: number;
    /** `at-most`: so many moved since that the two are bounds, unless `exact` is asked for. */
    basis: "exact" | "at-most";
};
export type MemberEvent = {
    id: string;
    /** Its key. */
    segment: string;
    segment_name: string | null;
    contact_id: string;
    change: "entered" | "left";
    /** ISO 8601 with microseconds, UTC. */
    at: string;
    /** `contact`: the contact changed. `related`: related rows did. `time`: a window ran out. `edit`: a version was built. `segment`: a segment that it reads changed. `manual`: an override. `delete`: the contact was deleted. `repair`: a rebuild. */
    reason: "delete" | "manual" | "contact" | "related" | "segment" | "time" | "repair" | "edit";
    version: number;
    /** What changed; null when it is not known, as for builds and overrides. */
    cause: {
        /** Whose row changed; null for the contact itself. */
        relation: string | null;
        /** The row of the condition that alone reads what changed, in words; null where several do. */
        leaf: string | null;
        /** Its JSON pointer into the condition of the version. */
        pointer: string | null;
    } | null;
    /** By the names of the columns; null where the contact has no value. Personal values are masked. */
    values: {
        [key: string]: string | null;
    };
};
export type EventPage = {
    items: MemberEvent[];
    /** Cursor of the next page. */
    next: string | null;
};
export type Day = {
    /** UTC. */
    day: string;
    /** At the end of the day; for today, now. */
    members: number;
    entered: number;
    left: number;
};
export type Sizes = {
    days: Day[];
};
export type Override = {
    contact_id: string;
    kind: "member" | "include" | "exclude";
    note: string | null;
    /** The person, where known; else the database role. */
    created_by: string;
    /** The login of Postgres that wrote it. */
    database_role: string;
    /** ISO 8601 with microseconds, UTC. */
    created_at: string;
    /** ISO 8601 with microseconds, UTC. */
    expires_at: string | null;
};
export type OverridePage = {
    items: Override[];
    /** Cursor of the next page. */
    next: string | null;
};
export type OverridesWrite = {
    decision: "add" | "remove" | "include" | "exclude" | "reset";
    contacts: string[];
    note?: string;
    until?: string;
    /** A text field whose values `contacts` holds instead of keys. A value that several contacts have names all of them. */
    by?: string;
    /** Leaves out what names no contact, and answers it. Otherwise nothing is changed. */
    skip_unknown?: boolean;
};
export type Overridden = {
    key: string;
    /** Contacts that were found, each once. */
    asked: number;
    changed: number;
    /** What names no contact, as it was given; with `by` or `skip_unknown`. */
    "unknown"?: string[];
};
export type Overlap = {
    first: string;
    second: string;
    first_members: number;
    second_members: number;
    both: number;
    only_first: number;
    only_second: number;
    /** Contacts in both as a share of those in either. */
    similarity: number;
};
export type FoundContact = {
    contact_id: string;
    /** By the names of the columns; null where the contact has no value. Personal values are masked. */
    values: {
        [key: string]: string | null;
    };
};
export type ContactPage = {
    items: FoundContact[];
    /** Cursor of the next page. */
    next: string | null;
    /** Set when a search looked for whole values alone, because parts took too long. */
    slow: {
        sentence: string;
        /** SQL that makes it fast. */
        command: string | null;
    } | null;
};
export type Contact = {
    contact_id: string;
    /** Whether the contacts table has it. */
    exists: boolean;
    /** By the names of the columns; null where the contact has no value. Personal values are masked. */
    values: {
        [key: string]: string | null;
    };
    segments: {
        key: string;
        name: string | null;
        /** ISO 8601 with microseconds, UTC. */
        entered_at: string;
        /** `contact`: the contact changed. `related`: related rows did. `time`: a window ran out. `edit`: a version was built. `segment`: a segment that it reads changed. `manual`: an override. `delete`: the contact was deleted. `repair`: a rebuild. */
        reason: ("delete" | "manual" | "contact" | "related" | "segment" | "time" | "repair" | "edit" | null) | ("delete" | "manual" | "contact" | "related" | "segment" | "time" | "repair" | "edit" | null);
    }[];
    overrides: {
        kind: "member" | "include" | "exclude";
        note: string | null;
        /** The person, where known; else the database role. */
        created_by: string;
        /** The login of Postgres that wrote it. */
        database_role: string;
        /** ISO 8601 with microseconds, UTC. */
        created_at: string;
        /** ISO 8601 with microseconds, UTC. */
        expires_at: string | null;
        segment: string;
    }[];
    /** The newest 50 over all segments. */
    events: MemberEvent[];
};
export type SegmentOfContact = {
    key: string;
    name: string | null;
    /** ISO 8601 with microseconds, UTC. */
    entered_at: string;
};
export type SegmentsOfContact = {
    exists: boolean;
    segments: SegmentOfContact[];
};
export type PreviewRequest = {
    /** JsonLogic. */
    condition?: any;
    timezone?: string;
    /** `estimate`: every number from a sample, at once. `exact`: `in` and `out` are counted, rows stay estimated. `rows`: each row is counted too. Without a mode as `exact`, and without time a guess of the planner. */
    mode?: "estimate" | "exact" | "rows";
    timeout?: number;
    sample?: number;
};
export type Amount = {
    value: number;
    /** `exact`: counted. `sample`: extrapolated from some contacts. `planner`: a guess of Postgres' planner, which only a preview without a mode gives. */
    basis: "exact" | "sample" | "planner";
    /** The true number lies between `low` and `high` for 95 of 100 samples; null where only the planner was asked. */
    low: number | null;
    high: number | null;
};
export type NamedContact = {
    contact_id: string;
    /** The columns that the config shows of a contact, by the name of the field; masked as the config says. */
    values: {
        [key: string]: string | null;
    };
};
export type PreviewNode = {
    /** `choice` is an `if`: its children are tests and answers in turns. */
    kind: "leaf" | "all" | "any" | "not" | "choice";
    /** JSON pointer into the condition that was sent; of a negated row that of its `!`. Null for what the base filter of the contacts adds. */
    pointer: string | null;
    /** Of a leaf, in English. */
    text: string | null;
    /** Contacts that satisfy this part alone. */
    alone: number | null;
    /** Of a part of an `all` group: contacts that satisfy it and the parts before it. */
    left: number | null;
    amounts: {
        alone: Amount | null;
        left: Amount | null;
    };
    children: PreviewNode[];
};
export type Preview = {
    description: string;
    /** ISO 8601 with microseconds, UTC. */
    at: string;
    contacts: number;
    "in": number;
    "out": number;
    basis: "exact" | "sample" | "planner";
    bounds: {
        low: number;
        high: number;
    } | null;
    amounts: {
        contacts: Amount;
        "in": Amount;
        "out": Amount;
    };
    /** Some contacts that are in. */
    sample: NamedContact[];
    condition: PreviewNode;
    mismatches: {
        field: string;
        "type": string;
        values: Amount;
    }[] | null;
    cost: {
        "class": "low" | "medium" | "high";
        total: number;
        contacts: number;
    };
    advice: {
        sentence: string;
        command: string;
    }[];
    /** The condition as it was read where a query builder wrote it, into which the pointers of this answer lead. Absent when that is the one that was sent. */
    read?: {
        condition?: any;
        notes: BuilderNote[];
    };
};
export type EditPreviewRequest = {
    condition?: any;
    timezone?: string;
    kind?: "dynamic" | "static" | "snapshot";
    /** `estimate`: from a sample, at once. `exact`, the default: counted, and estimated when there is no time to count. */
    mode?: "estimate" | "exact";
    timeout?: number;
    sample?: number;
};
export type EditPreview = {
    key: string;
    changes: string[];
    members: number;
    entering: number;
    leaving: number;
    basis: "exact" | "sample";
    bounds: {
        entering: {
            low: number;
            high: number;
        };
        leaving: {
            low: number;
            high: number;
        };
    } | null;
    sample: {
        entering: NamedContact[];
        leaving: NamedContact[];
    };
    /** Whether a version is live: before the first build no contact can leave. */
    live: boolean;
    guard: {
        /** Percent of the members that enter or leave; null where there is no member. */
        percent: number | null;
        leaving: number;
        /** Whether the edit has to be confirmed. */
        exceeds: boolean;
        /** The guard holds an edit that moves more than both. */
        limits: {
            percent: number;
            members: number;
        };
    };
};
export type Issue = {
    code: string;
    /** JSON pointer into the condition or the body. */
    pointer: string;
    message: string;
    hint?: string;
};
export type ExplainedNode = {
    kind: "leaf";
    /** JSON pointer into the condition of the row; null for the base filter and overrides. */
    pointer: string | null;
    text: string;
    result: boolean | null;
    /** The value of the contact, masked where `masked` says so. */
    actual: string | null;
    family: string;
    /** What the value must be, in words, the negation included. */
    threshold: string | null;
    negated: boolean;
    /** The relation whose rows it reads; null for fields of the contact. */
    relation: string | null;
    masked: boolean;
} | {
    /** `choice`: tests and answers in turns; the first test that holds decides. */
    kind: "all" | "any" | "not" | "choice";
    /** JSON pointer into the condition of the row; null for the base filter and overrides. */
    pointer: string | null;
    result: boolean | null;
    children: ExplainedNode[];
} | null;
export type Explanation = {
    key: string;
    contact: string;
    /** ISO 8601 with microseconds, UTC. */
    at: string;
    segment: {
        state: string;
        version: number | null;
        live: boolean;
        /** ISO 8601 with microseconds, UTC. */
        frozen: string | null;
        building: number | null;
        timezone: string | null;
        description: string | null;
        issues: Issue[];
        stale: any[];
    };
    exists: boolean;
    stored: {
        member: boolean;
        /** ISO 8601 with microseconds, UTC. */
        since: string | null;
        reason: string | null;
        version: number | null;
    };
    computed: boolean | null;
    error?: any;
    "override": {
        kind: "member" | "include" | "exclude";
        note: string | null;
        /** The person, where known; else the database role. */
        created_by: string;
        /** The login of Postgres that wrote it. */
        database_role: string;
        /** ISO 8601 with microseconds, UTC. */
        created_at: string;
        /** ISO 8601 with microseconds, UTC. */
        expires_at: string | null;
    } | null;
    /** The ranks that the condition reads, and the instant under which each was computed. */
    ranks: {
        name: string;
        /** ISO 8601 with microseconds, UTC. */
        as_of: string | null;
    }[];
    pending: {
        changes: number;
        rechecks: number;
        unresolved: boolean;
        crossed: boolean;
        rebuild: boolean;
    };
    condition: ExplainedNode;
    next: {
        /** ISO 8601 with microseconds, UTC. */
        flip: string | null;
        matches: boolean | null;
        causes: string[];
        /** ISO 8601 with microseconds, UTC. */
        searched: string | null;
        error?: any;
    };
};
export type CatalogueField = {
    /** As conditions write it. */
    name: string;
    /** What people read in place of the name. */
    label: string;
    /** text, number, integer, boolean, date, instant, uuid, json or other; a list ends with []. */
    "type": string;
    nullable: boolean;
    /** The comment of the column or table, if it is long. */
    description: string | null;
    /** Its values are shown masked. */
    masked: boolean;
    /** Labels of an enum, the list of a check constraint, or frequent values; null when none is known or may be listed. */
    values: {
        /** As conditions write it. */
        value: string;
        /** What people read in place of the value. */
        label: string | null;
        /** Of the rows of the table, as Postgres estimates it. */
        share: number | null;
    }[] | null;
    /** There can be no other value. */
    values_complete: boolean;
};
export type Catalogue = {
    contacts: {
        table: string;
        /** Name of the column with the key. */
        key: string;
        /** integer, bigint, uuid or text. The API writes every key as text. */
        key_type: string;
        /** What people read in place of the name. */
        label: string;
        /** The comment of the column or table, if it is long. */
        description: string | null;
        /** What pages show of a contact, in this order. */
        display: {
            field: string;
            /** What people read in place of the name. */
            label: string;
            masked: boolean;
        }[];
    };
    /** Default zone of segments. */
    timezone: string;
    fields: CatalogueField[];
    relations: {
        name: string;
        /** What people read in place of the name. */
        label: string;
        /** The comment of the column or table, if it is long. */
        description: string | null;
        /** The relation that it goes through. */
        through: string | null;
        /** The field by which rows are the first and the last. */
        events_at: string | null;
        /** Which rows count, in words; null: all of them. */
        only: string | null;
        fields: CatalogueField[];
    }[];
    /** The same for `catalogueFromJson` of segmentd/condition, which checks and describes drafts. */
    checker: {
        [key: string]: any;
    };
};
export type TrialRequest = {
    /** JsonLogic. */
    condition?: any;
    /** Zone of the segment; default: that of the catalogue. */
    timezone?: string;
    /** Shows values that are masked otherwise. Needs the role editor. */
    reveal?: boolean;
};
export type Trial = {
    /** False: there is no such row in the contacts table. */
    exists: boolean;
    /** ISO 8601 with microseconds, UTC. */
    at: string;
    /** Whether the contact would be in, the base filter included; null without a contact. */
    verdict: boolean | null;
    /** Whether the base filter admits the contact. */
    base: boolean | null;
    rows: {
        /** JSON pointer into the condition; of a negated row that of its `!`. */
        pointer: string;
        /** Whether the row holds, as Postgres says. */
        result: boolean | null;
        /** The value of the contact, masked where the catalogue says so. */
        actual: string | null;
    }[];
    /** What `rowVerdicts` of segmentd/condition evaluates: the fields that the condition reads, and no others. */
    document: {
        [key: string]: any;
    } | {
        [key: string]: any;
    };
    /** Fields and relations that the document leaves out: masked, or of too many rows. Postgres answers for them. */
    hidden: string[];
};
export type Backlog = {
    /** ISO 8601 with microseconds, UTC. */
    fresh_as_of: string | null;
    /** Seconds. */
    lag: number | null;
    /** ISO 8601 with microseconds, UTC. */
    rows_as_of: string | null;
    rows_lag: number | null;
    /** ISO 8601 with microseconds, UTC. */
    time_as_of: string | null;
    time_lag: number | null;
    standby: boolean;
    changes: number;
    rechecks: number;
    rebuilds: number;
    installed: boolean;
};
export type Worker = {
    id: string;
    host: string;
    pid: number;
    version: string;
    /** ISO 8601 with microseconds, UTC. */
    started_at: string;
    /** ISO 8601 with microseconds, UTC. */
    seen_at: string;
    silent_for: number;
    queue: {
        backend: "redis" | "postgres";
        place: string;
    } | null;
    current: boolean;
};
export type AuditStatus = {
    /** Since when the pass under way runs; null between two. */
    started_at: string | null;
    /** Contacts compared in the pass under way. */
    checked: number;
    /** When the last complete pass ended. */
    finished_at: string | null;
    /** Contacts that the last complete pass compared. */
    total: number | null;
    /** Differences found and repaired since the installation. */
    differences: number;
    /** When the last difference was found. */
    differed_at: string | null;
} | null;
export type SegmentStatus = {
    key: string;
    state: string;
    members: number;
    /** ISO 8601 with microseconds, UTC. */
    fresh_as_of: string | null;
    /** ISO 8601 with microseconds, UTC. */
    rows_as_of: string | null;
    /** ISO 8601 with microseconds, UTC. */
    time_as_of: string | null;
    version: number;
    live_version: number | null;
    progress: number | null;
    error?: any;
    stale: string[];
    owed: string[];
};
export type Status = {
    backlog: Backlog;
    workers: Worker[];
    audit: AuditStatus;
    segments: SegmentStatus[];
};
export type Finding = {
    level: "ok" | "warn" | "fail";
    sentence: string;
    fix?: string;
};
export type Findings = {
    findings: Finding[];
};
export type ScheduleRun = {
    id: string;
    schedule: number;
    key: string;
    state: "waiting" | "running" | "done" | "failed";
    /** ISO 8601 with microseconds, UTC. */
    due_at: string | null;
    attempt: number;
    file: string | null;
    count: number | null;
    error?: any;
    /** ISO 8601 with microseconds, UTC. */
    requested_at: string;
    /** The person, where known; else the database role. */
    created_by: string | null;
    /** The login of Postgres that wrote it. */
    database_role: string | null;
    /** ISO 8601 with microseconds, UTC. */
    finished_at: string | null;
} | null;
export type Schedule = {
    key: string;
    cron: string;
    timezone: string;
    format: "csv" | "ndjson" | "parquet";
    gzip: boolean;
    folder: string;
    passing: boolean;
    formulas: boolean;
    consistent: boolean;
    fresh: boolean;
    id: number;
    columns: string[] | null;
    delta: string | null;
    /** ISO 8601 with microseconds, UTC. */
    next_at: string | null;
    /** It runs only when a run is requested. */
    paused: boolean;
    /** Why it cannot run at all. */
    error?: any;
    /** The person, where known; else the database role. */
    created_by: string;
    /** The login of Postgres that wrote it. */
    database_role: string;
    last_run: ScheduleRun;
};
export type Schedules = {
    schedules: Schedule[];
};
export type NewSchedule = {
    key: string;
    cron: string;
    timezone?: string;
    format?: "csv" | "ndjson" | "parquet";
    columns?: string[];
    gzip?: boolean;
    folder?: string;
    delta?: string;
    passing?: boolean;
    formulas?: boolean;
    consistent?: boolean;
    fresh?: boolean;
};
export type ScheduleEdit = {
    cron?: string;
    timezone?: string;
    format?: "csv" | "ndjson" | "parquet";
    columns?: string[] | null;
    gzip?: boolean;
    folder?: string;
    delta?: string | null;
    passing?: boolean;
    formulas?: boolean;
    consistent?: boolean;
    fresh?: boolean;
    paused?: boolean;
};
export type ScheduleRuns = {
    runs: ScheduleRun[];
};
export type RequestedRun = {
    run: string;
};
export type Column = {
    name: string;
    label: string;
    description: string | null;
    /** Of its values. */
    "type": string;
    /** `delta`: only a delta has it. `relation`: an aggregate of the rows of a relation. */
    group: "member" | "delta" | "contact" | "relation";
    relation: string | null;
    /** Pages show its values to persons who may reveal them. */
    masked: boolean;
};
export type Columns = {
    columns: Column[];
};
export type Export = {
    id: string;
    /** Of the segment. */
    key: string;
    state: "waiting" | "running" | "done" | "failed";
    /** Fetched from `file`; otherwise a schedule or the command line writes it. */
    download: boolean;
    /** `file` can be fetched now. */
    ready: boolean;
    /** The schedule that asked for it. */
    schedule: number | null;
    format: ("csv" | "ndjson" | "parquet" | null) | ("csv" | "ndjson" | "parquet" | null);
    columns: string[] | null;
    gzip: boolean;
    delta: string | null;
    /** Of the file in its delta. */
    "number": number | null;
    /** Rows so far. */
    written: number | null;
    /** About how many rows there are; exact once it is done. */
    total: number | null;
    bytes: number | null;
    error: string | null;
    attempt: number;
    /** Name of the file that a schedule or the command line wrote. */
    file: string | null;
    /** ISO 8601 with microseconds, UTC. */
    requested_at: string;
    /** ISO 8601 with microseconds, UTC. */
    started_at: string | null;
    /** ISO 8601 with microseconds, UTC. */
    finished_at: string | null;
    /** The person, where known; else the database role. */
    created_by: string | null;
    /** The login of Postgres that wrote it. */
    database_role: string | null;
};
export type ExportPage = {
    items: Export[];
    /** Cursor of the next page. */
    next: string | null;
};
export type NewExport = {
    format?: "csv" | "ndjson" | "parquet";
    /** Names of `columns`; default: the key and since when, in a delta the change too. */
    columns?: string[];
    gzip?: boolean;
    /** Name of a delta: who entered and left since its last file. The first file has all members. */
    delta?: string;
    /** Of a delta: also names who entered and left in between. */
    passing?: boolean;
    /** Of a delta: begins anew, with all members. */
    restart?: boolean;
    /** Leaves texts that a spreadsheet takes for formulas. */
    formulas?: boolean;
    /** Reads all columns in one snapshot. */
    consistent?: boolean;
};
export type Rank = {
    name: string;
    /** `waiting`: not computed yet under its definition; `failed`: the values before stay. */
    state: "current" | "waiting" | "failed";
    /** The instant under which the values were computed. */
    as_of: string | null;
    /** Seconds since then. */
    age: number | null;
    /** Duration of the last computation in milliseconds. */
    ms: number | null;
    /** Contacts that have the rank. */
    ranked: number | null;
    /** Contacts whose rank the last computation changed. */
    moved: number | null;
    /** Milliseconds between two computations. */
    every: number;
    /** ISO 8601 with microseconds, UTC. */
    next_at: string | null;
    /** Seconds by which the next computation is late. */
    late: number;
    error: string | null;
    /** ISO 8601 with microseconds, UTC. */
    failed_at: string | null;
};
export type Ranks = {
    ranks: Rank[];
};
export type RankAsk = {
    /** Absent: all ranks. */
    name?: string;
};
export type AskedRanks = {
    ranks: {
        name: string;
        call: number;
    }[];
};
export type RequestedRebuild = {
    /** Segments that will be rebuilt. */
    keys: string[];
};
export type NewVerification = {
    /** Queues a recheck of each contact that differs. */
    repair?: boolean;
};
export type Verification = {
    key: string;
    /** Contacts that were compared. */
    checked: number;
    /** Contacts that should be members and are not. */
    missing: string[];
    /** Contacts that are members and should not be. */
    extra: string[];
    /** Differences whose change still waits for a worker. */
    pending: number;
};
export type SegmentSql = {
    key: string | null;
    version: number | null;
    description: string;
    /** Rows: all members. */
    rebuild: {
        /** Whole: it runs in psql as it is. */
        sql: string;
        /** With `$1`, `$2`, … in place of the values. */
        text: string;
        params: any[];
    };
    /** Rows: which of some contacts match. */
    recheck: {
        /** Whole: it runs in psql as it is. */
        sql: string;
        /** With `$1`, `$2`, … in place of the values. */
        text: string;
        params: any[];
    };
};
export type NewCheck = {
    /** JsonLogic. */
    condition?: any;
    timezone?: string;
};
export type Check = {
    /** The condition in English; null when it is refused. */
    sentence: string | null;
    /** Empty for a condition that can be saved. */
    issues: Issue[];
    sql: SegmentSql & (object | null);
    /** The condition as it was read where a query builder wrote it, into which the pointers of this answer lead. Absent when that is the one that was sent. */
    read?: {
        condition?: any;
        notes: BuilderNote[];
    };
};
export type NewWait = {
    /** Waits also until its wanted version is live. */
    segment?: string;
    /** Milliseconds; default 10,000. */
    timeout?: number;
};
export type Waited = {
    /** Fields without a usable index, whose windows are as of an earlier instant. */
    late: {
        table: string;
        column: string;
        path: string[] | null;
        /** ISO 8601 with microseconds, UTC. */
        as_of: string | null;
        /** Milliseconds between two looks. */
        every: number | null;
    }[];
};
export type NewFeedPage = {
    /** Id of the last event that was dealt with: it and those before do not come again. */
    acknowledge?: string;
    /** Default 100. */
    limit?: number;
    /** Others are passed over. */
    segments?: string[];
    /** Where a new consumer begins; default now. */
    "from"?: "now" | "start";
};
export type FeedPage = {
    events: {
        id: string;
        segment: string | null;
        segment_id: number;
        contact_id: string;
        kind: "entered" | "left";
        reason: string;
        version: number;
        /** ISO 8601 with microseconds, UTC. */
        at: string;
    }[];
    /** To be sent back; null without events. */
    acknowledge: string | null;
};
export type Erasure = {
    contact: string;
    memberships: number;
    events: number;
    overrides: number;
    /** Exports that may still hold the contact, outside the database. */
    exports: {
        run: string;
        segment: string;
        file: string | null;
        delta: string | null;
        /** ISO 8601 with microseconds, UTC. */
        finished_at: string | null;
    }[];
};
export type Action = {
    /** Rises with time. */
    id: string;
    /** ISO 8601 with microseconds, UTC. */
    at: string;
    /** The person; null: not known. */
    actor: string | null;
    /** The login of Postgres that wrote it. */
    database_role: string;
    /** How the person came in: link, oidc, session, token or proxy; else the application name of the session. */
    way: string | null;
    action: "segment-create" | "segment-edit" | "segment-confirm" | "segment-pause" | "segment-archive" | "segment-resume" | "segment-delete" | "segment-restore" | "override" | "override-remove" | "export" | "schedule-add" | "schedule-edit" | "schedule-remove" | "token-add" | "token-remove" | "sign-in" | "sign-out" | "forget" | "explain" | "reveal" | "download";
    /** Key of the segment, as it was then. */
    segment: string | null;
    /** Null also for a contact that was forgotten. */
    contact: string | null;
    /** What else is known, such as the version. */
    detail: {
        [key: string]: any;
    } | {
        [key: string]: any;
    };
};
export type ActionPage = {
    items: Action[];
    /** Cursor of the next page. */
    next: string | null;
};
export type Token = {
    name: string;
    role: "viewer" | "editor" | "admin";
    /** The person, where known; else the database role. */
    created_by: string;
    /** The login of Postgres that wrote it. */
    database_role: string;
    /** ISO 8601 with microseconds, UTC. */
    created_at: string;
    /** Null: it has no end. */
    expires_at: string | null;
    /** To the minute; null: never. */
    used_at: string | null;
};
export type Tokens = {
    tokens: Token[];
};
export type NewToken = {
    /** What the program is. */
    name: string;
    role: "viewer" | "editor" | "admin";
    /** Until its end; absent: it has no end. */
    days?: number;
};
export type MadeToken = {
    name: string;
    /** Shown once: only its hash is stored. */
    token: string;
};
/**
 * Read where to begin, without signing in
 */
export function $get(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Index;
    }>("/", {
        ...opts
    });
}
/**
 * Read who asks
 */
export function getMe(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Me;
    }>("/me", {
        ...opts
    });
}
/**
 * List segments
 */
export function getSegments({ limit, cursor, search, state, kind, tag, field, order }: {
    limit?: number;
    cursor?: string;
    search?: string;
    state?: "building" | "live" | "held" | "paused" | "invalid" | "failed" | "archived" | "deleted";
    kind?: "dynamic" | "static" | "snapshot";
    tag?: string;
    field?: string;
    order?: "key" | "needs" | "members" | "edited";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SegmentPage;
    }>(`/segments${QS.query(QS.explode({
        limit,
        cursor,
        search,
        state,
        kind,
        tag,
        field,
        order
    }))}`, {
        ...opts
    });
}
/**
 * Create a segment
 */
export function postSegments(newSegment: NewSegment, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: WrittenSegment;
    }>("/segments", oazapfts.json({
        ...opts,
        method: "POST",
        body: newSegment
    }));
}
/**
 * Read a segment
 */
export function getSegmentsByKey(key: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SegmentOutline;
    }>(`/segments/${encodeURIComponent(key)}`, {
        ...opts
    });
}
/**
 * Edit a segment
 */
export function patchSegmentsByKey(key: string, segmentEdit: SegmentEdit, { ifMatch }: {
    ifMatch?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: WrittenSegment;
    }>(`/segments/${encodeURIComponent(key)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body: segmentEdit,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "if-match": ifMatch
        })
    }));
}
/**
 * Delete a segment
 */
export function deleteSegmentsByKey(key: string, { ifMatch }: {
    ifMatch?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchText(`/segments/${encodeURIComponent(key)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "if-match": ifMatch
        })
    });
}
/**
 * Pause, archive or resume a segment
 */
export function putSegmentsByKeyState(key: string, wantedState: WantedState, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Segment;
    }>(`/segments/${encodeURIComponent(key)}/state`, oazapfts.json({
        ...opts,
        method: "PUT",
        body: wantedState
    }));
}
/**
 * Bring a deleted segment back
 */
export function postSegmentsByKeyRestorations(key: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Segment;
    }>(`/segments/${encodeURIComponent(key)}/restorations`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Copy a segment under a new key
 */
export function postSegmentsByKeyDuplicates(key: string, duplicate: Duplicate, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: Segment;
    }>(`/segments/${encodeURIComponent(key)}/duplicates`, oazapfts.json({
        ...opts,
        method: "POST",
        body: duplicate
    }));
}
/**
 * List what reads a segment
 */
export function getSegmentsByKeyUses(key: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Uses;
    }>(`/segments/${encodeURIComponent(key)}/uses`, {
        ...opts
    });
}
/**
 * List the versions of a segment, the latest first
 */
export function getSegmentsByKeyVersions(key: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Versions;
    }>(`/segments/${encodeURIComponent(key)}/versions`, {
        ...opts
    });
}
/**
 * Make an old version a new one
 */
export function postSegmentsByKeyVersionsAndVersionRestorations(key: string, version: number, restoration: Restoration, { ifMatch }: {
    ifMatch?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Segment;
    }>(`/segments/${encodeURIComponent(key)}/versions/${encodeURIComponent(version)}/restorations`, oazapfts.json({
        ...opts,
        method: "POST",
        body: restoration,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "if-match": ifMatch
        })
    }));
}
/**
 * List members in order of the key, those of now or of an instant
 */
export function getSegmentsByKeyMembers(key: string, { limit, cursor, columns, reveal, find, reason, alsoIn, notIn, $from, asOf, change }: {
    limit?: number;
    cursor?: string;
    columns?: string;
    reveal?: "true" | "false";
    find?: string;
    reason?: "delete" | "manual" | "contact" | "related" | "segment" | "time" | "repair" | "edit";
    alsoIn?: string;
    notIn?: string;
    $from?: string;
    asOf?: string;
    change?: "new" | "left";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: MemberPage;
    }>(`/segments/${encodeURIComponent(key)}/members${QS.query(QS.explode({
        limit,
        cursor,
        columns,
        reveal,
        find,
        reason,
        also_in: alsoIn,
        not_in: notIn,
        "from": $from,
        as_of: asOf,
        change
    }))}`, {
        ...opts
    });
}
/**
 * Count who was in at an instant, who is new since and who has left
 */
export function getSegmentsByKeyMoments(key: string, at: string, { exact }: {
    exact?: "true" | "false";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Moment;
    }>(`/segments/${encodeURIComponent(key)}/moments${QS.query(QS.explode({
        at,
        exact
    }))}`, {
        ...opts
    });
}
/**
 * List who entered and left, the newest first
 */
export function getSegmentsByKeyEvents(key: string, { limit, cursor, columns, reveal, contact }: {
    limit?: number;
    cursor?: string;
    columns?: string;
    reveal?: "true" | "false";
    contact?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EventPage;
    }>(`/segments/${encodeURIComponent(key)}/events${QS.query(QS.explode({
        limit,
        cursor,
        columns,
        reveal,
        contact
    }))}`, {
        ...opts
    });
}
/**
 * Count members, entered and left, day by day
 */
export function getSegmentsByKeySizes(key: string, { days }: {
    days?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Sizes;
    }>(`/segments/${encodeURIComponent(key)}/sizes${QS.query(QS.explode({
        days
    }))}`, {
        ...opts
    });
}
/**
 * List overrides in order of the contacts
 */
export function getSegmentsByKeyOverrides(key: string, { limit, cursor }: {
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OverridePage;
    }>(`/segments/${encodeURIComponent(key)}/overrides${QS.query(QS.explode({
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Add, remove, include, exclude or reset contacts
 */
export function postSegmentsByKeyOverrides(key: string, overridesWrite: OverridesWrite, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Overridden;
    }>(`/segments/${encodeURIComponent(key)}/overrides`, oazapfts.json({
        ...opts,
        method: "POST",
        body: overridesWrite
    }));
}
/**
 * Count the members that two segments share
 */
export function getOverlaps(first: string, second: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Overlap;
    }>(`/overlaps${QS.query(QS.explode({
        first,
        second
    }))}`, {
        ...opts
    });
}
/**
 * Look for contacts by key or by a displayed column
 */
export function getContacts({ limit, cursor, columns, reveal, find }: {
    limit?: number;
    cursor?: string;
    columns?: string;
    reveal?: "true" | "false";
    find?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ContactPage;
    }>(`/contacts${QS.query(QS.explode({
        limit,
        cursor,
        columns,
        reveal,
        find
    }))}`, {
        ...opts
    });
}
/**
 * Read a contact: its segments, overrides and newest events
 */
export function getContactsByContact(contact: string, { columns, reveal }: {
    columns?: string;
    reveal?: "true" | "false";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Contact;
    }>(`/contacts/${encodeURIComponent(contact)}${QS.query(QS.explode({
        columns,
        reveal
    }))}`, {
        ...opts
    });
}
/**
 * List the segments that a contact is in
 */
export function getContactsByContactSegments(contact: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SegmentsOfContact;
    }>(`/contacts/${encodeURIComponent(contact)}/segments`, {
        ...opts
    });
}
/**
 * Count a condition before it is saved
 */
export function postPreviews(previewRequest: PreviewRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Preview;
    }>("/previews", oazapfts.json({
        ...opts,
        method: "POST",
        body: previewRequest
    }));
}
/**
 * Count who an edit would move
 */
export function postSegmentsByKeyEditPreviews(key: string, editPreviewRequest: EditPreviewRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EditPreview;
    }>(`/segments/${encodeURIComponent(key)}/edit-previews`, oazapfts.json({
        ...opts,
        method: "POST",
        body: editPreviewRequest
    }));
}
/**
 * Explain why a contact is in or out
 */
export function getSegmentsByKeyExplanationsAndContact(key: string, contact: string, { reveal }: {
    reveal?: "true" | "false";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Explanation;
    }>(`/segments/${encodeURIComponent(key)}/explanations/${encodeURIComponent(contact)}${QS.query(QS.explode({
        reveal
    }))}`, {
        ...opts
    });
}
/**
 * Read what conditions may name
 */
export function getCatalogue(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Catalogue;
    }>("/catalogue", {
        ...opts
    });
}
/**
 * Try a condition on one contact, row by row
 */
export function postContactsByContactTrials(contact: string, trialRequest: TrialRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Trial;
    }>(`/contacts/${encodeURIComponent(contact)}/trials`, oazapfts.json({
        ...opts,
        method: "POST",
        body: trialRequest
    }));
}
/**
 * Say how fresh membership is, what waits, and which workers run
 */
export function getStatus({ segments }: {
    segments?: "all" | "moving";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Status;
    }>(`/status${QS.query(QS.explode({
        segments
    }))}`, {
        ...opts
    });
}
/**
 * Check the installation
 */
export function getFindings(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Findings;
    }>("/findings", {
        ...opts
    });
}
/**
 * List schedules, each with its last run
 */
export function getSchedules({ segment }: {
    segment?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Schedules;
    }>(`/schedules${QS.query(QS.explode({
        segment
    }))}`, {
        ...opts
    });
}
/**
 * Repeat an export
 */
export function postSchedules(newSchedule: NewSchedule, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: Schedule;
    }>("/schedules", oazapfts.json({
        ...opts,
        method: "POST",
        body: newSchedule
    }));
}
/**
 * Change, pause or resume a schedule
 */
export function patchSchedulesById(id: number, scheduleEdit: ScheduleEdit, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Schedule;
    }>(`/schedules/${encodeURIComponent(id)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body: scheduleEdit
    }));
}
/**
 * Remove a schedule; its files stay
 */
export function deleteSchedulesById(id: number, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchText(`/schedules/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * List the runs of a schedule, the latest first
 */
export function getSchedulesByIdRuns(id: number, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ScheduleRuns;
    }>(`/schedules/${encodeURIComponent(id)}/runs`, {
        ...opts
    });
}
/**
 * Run a schedule now
 */
export function postSchedulesByIdRuns(id: number, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: RequestedRun;
    }>(`/schedules/${encodeURIComponent(id)}/runs`, {
        ...opts,
        method: "POST"
    });
}
/**
 * List the columns that an export or a list of members can have
 */
export function getSegmentsByKeyColumns(key: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Columns;
    }>(`/segments/${encodeURIComponent(key)}/columns`, {
        ...opts
    });
}
/**
 * List the exports of a segment, the latest first
 */
export function getSegmentsByKeyExports(key: string, { limit, cursor }: {
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ExportPage;
    }>(`/segments/${encodeURIComponent(key)}/exports${QS.query(QS.explode({
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Ask for an export, to be fetched from its `file` within an hour
 */
export function postSegmentsByKeyExports(key: string, newExport: NewExport, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: Export;
    }>(`/segments/${encodeURIComponent(key)}/exports`, oazapfts.json({
        ...opts,
        method: "POST",
        body: newExport
    }));
}
/**
 * Read how far an export has come
 */
export function getExportsById(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Export;
    }>(`/exports/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * Cancel an export that waits, runs or failed
 */
export function deleteExportsById(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchText(`/exports/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Fetch an export
 */
export function getExportsByIdFile(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchText(`/exports/${encodeURIComponent(id)}/file`, {
        ...opts
    });
}
/**
 * List ranks, each with its last computation
 */
export function getRanks(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Ranks;
    }>("/ranks", {
        ...opts
    });
}
/**
 * Compute one rank or all of them now
 */
export function postRanksComputations(rankAsk: RankAsk, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: AskedRanks;
    }>("/ranks/computations", oazapfts.json({
        ...opts,
        method: "POST",
        body: rankAsk
    }));
}
/**
 * Rebuild a segment from the data
 */
export function postSegmentsByKeyRebuilds(key: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: RequestedRebuild;
    }>(`/segments/${encodeURIComponent(key)}/rebuilds`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Compare the members of a segment with its condition
 */
export function postSegmentsByKeyVerifications(key: string, newVerification: NewVerification, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Verification;
    }>(`/segments/${encodeURIComponent(key)}/verifications`, oazapfts.json({
        ...opts,
        method: "POST",
        body: newVerification
    }));
}
/**
 * Read the SQL that a segment became
 */
export function getSegmentsByKeySql(key: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SegmentSql;
    }>(`/segments/${encodeURIComponent(key)}/sql`, {
        ...opts
    });
}
/**
 * Check a condition: its issues, or its sentence and SQL
 */
export function postChecks(newCheck: NewCheck, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Check;
    }>("/checks", oazapfts.json({
        ...opts,
        method: "POST",
        body: newCheck
    }));
}
/**
 * Wait until everything committed before the call is visible in membership
 */
export function postWaits(newWait: NewWait, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Waited;
    }>("/waits", oazapfts.json({
        ...opts,
        method: "POST",
        body: newWait
    }));
}
/**
 * Read who entered and left since this consumer last acknowledged
 */
export function postFeedsByConsumerPages(consumer: string, newFeedPage: NewFeedPage, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: FeedPage;
    }>(`/feeds/${encodeURIComponent(consumer)}/pages`, oazapfts.json({
        ...opts,
        method: "POST",
        body: newFeedPage
    }));
}
/**
 * Erase every trace of a contact that was deleted from the contacts table
 */
export function postContactsByContactErasures(contact: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Erasure;
    }>(`/contacts/${encodeURIComponent(contact)}/erasures`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Hear what changes, as it changes
 */
export function getEventsStream({ after, lastEventId }: {
    after?: string;
    lastEventId?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchText(`/events/stream${QS.query(QS.explode({
        after
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "last-event-id": lastEventId
        })
    });
}
/**
 * List who did what, the latest first
 */
export function getAudit({ limit, cursor, segment, actor, contact, action }: {
    limit?: number;
    cursor?: string;
    segment?: string;
    actor?: string;
    contact?: string;
    action?: "segment-create" | "segment-edit" | "segment-confirm" | "segment-pause" | "segment-archive" | "segment-resume" | "segment-delete" | "segment-restore" | "override" | "override-remove" | "export" | "schedule-add" | "schedule-edit" | "schedule-remove" | "token-add" | "token-remove" | "sign-in" | "sign-out" | "forget" | "explain" | "reveal" | "download";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ActionPage;
    }>(`/audit${QS.query(QS.explode({
        limit,
        cursor,
        segment,
        actor,
        contact,
        action
    }))}`, {
        ...opts
    });
}
/**
 * List tokens in order of their names
 */
export function getTokens(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Tokens;
    }>("/tokens", {
        ...opts
    });
}
/**
 * Make a token for a program
 */
export function postTokens(newToken: NewToken, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: MadeToken;
    }>("/tokens", oazapfts.json({
        ...opts,
        method: "POST",
        body: newToken
    }));
}
/**
 * Remove a token
 */
export function deleteTokensByName(name: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchText(`/tokens/${encodeURIComponent(name)}`, {
        ...opts,
        method: "DELETE"
    });
}
