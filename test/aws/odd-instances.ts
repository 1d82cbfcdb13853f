/**
 * Every way in which a row of a listing can be odd: each member of an instance, also those that lie
 * within others, in each form that it can have instead of its own.
 */
type Json = Readonly<Record<string, unknown>>;

export interface Oddity {
  readonly what: string;
  readonly member: string;
  readonly spoil: (wire: Json) => unknown;
}

const MEMBERS = [
  "name",
  "arn",
  "createdAt",
  "location",
  "location.availabilityZone",
  "bundleId",
  "blueprintId",
  "supportCode",
  "state",
  "state.name",
  "state.code",
  "publicIpAddress",
  "privateIpAddress",
  "ipv6Addresses",
  "networking",
  "networking.ports",
  "tags",
] as const;

const FORMS: Readonly<Record<string, unknown>> = {
  absent: undefined,
  null: null,
  "a number": -7,
  "an absurd number": 1e300,
  "a truth": true,
  "an empty text": "",
  "a date as text": "2026-11-30T10:00:00.000Z",
  "a text of a line and a blank": "no\n such",
  "an empty list": [],
  "a list of null": [null],
  "an empty object": {},
};

/** Rows that are no instances at all. */
const ROWS: Readonly<Record<string, unknown>> = {
  null: null,
  text: "?",
  number: 5,
  list: [],
  "{}": {},
};

export const ODDITIES: readonly Oddity[] = MEMBERS.flatMap((member) =>
  Object.entries(FORMS).map(([form, value]) => ({
    what: `${member}: ${form}`,
    member,
    spoil: (wire: Json) => withMember(wire, member.split("."), value),
  })),
);

export const NO_INSTANCES: readonly Oddity[] = Object.entries(ROWS).map(([what, value]) => ({
  what: `the whole row: ${what}`,
  member: "",
  spoil: () => value,
}));

function withMember(wire: Json, [head = "", ...rest]: readonly string[], value: unknown): Json {
  const { [head]: own, ...others } = wire;
  if (rest.length > 0) return { ...wire, [head]: withMember(own as Json, rest, value) };
  return value === undefined ? others : { ...wire, [head]: value };
}
