/** What the description of the API says of the whole of it. */
import type { Tag } from "../operation.ts";
import type { Needed } from "../roles.ts";

export const ABOUT = {
  title: "Lightfleet",
  version: "1",
  summary: "Keeps fleets of Lightsail servers as large as they must be.",
  description: [
    "Send a token: `Authorization: Bearer ...`. A viewer reads; a dispatcher reads and takes leases; an operator changes everything.",
    "Times are ISO 8601; in requests they carry an offset. Whole numbers may be written as numbers or as strings. Unknown keys in a body and unknown parameters in a query are refused by name.",
    "Every `GET` also answers `HEAD`. Another method is 405 with an `Allow` header; an unknown path is 404. What goes wrong is `application/problem+json`: programs look at the last part of its `type`, the words are for people.",
  ].join("\n\n"),
};

const TAG_WORDS: Readonly<Record<Tag, string>> = {
  Fleets: "The fleets themselves: what they are told to be, and how they are.",
  Instances: "The servers of a fleet.",
  Target: "How many spares a fleet wants, and why.",
  Leases: "Slots for sessions to come, for dispatchers.",
  Steering: "Holding a fleet back, and letting it go on.",
  History: "What was.",
  Service: "The deployment itself.",
};

export const TAGS = Object.entries(TAG_WORDS).map(([name, description]) => ({ name, description }));

export const ROLE_WORDS: Readonly<Record<Needed, string>> = {
  open: "Needs no token.",
  published: "Needs no token, once one is configured.",
  viewer: "Needs the role viewer.",
  dispatcher: "Needs the role dispatcher.",
  operator: "Needs the role operator.",
};
